-- For wrk: asks as many callers in turn, each with an API key of its own.
--   wrk -s callers.lua URL -- FILE_OF_KEYS PAUSE_MILLISECONDS

local keys = {}
local last = 0
local pause = 0

function init(arguments)
  for key in io.lines(arguments[1]) do
    keys[#keys + 1] = "Bearer " .. key
  end
  pause = tonumber(arguments[2])
end

function delay()
  return pause
end

function request()
  last = last % #keys + 1
  return wrk.format(nil, nil, { Authorization = keys[last] })
end
