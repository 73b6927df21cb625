-- For wrk: asks without a pause but for PAUSE, and writes one line for each request to FILE.THREAD:
--   when it was sent (seconds since the epoch), seconds until it was answered, status, version
-- One connection a thread, or request and answer could not be told to belong together. What was never answered
-- has the status 0.
--   wrk -tN -cN -s load.lua URL -- FILE PAUSE_MILLISECONDS kept|closed

local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long nanoseconds; } cygni_time; int clock_gettime(int, cygni_time *);")
local read = ffi.new("cygni_time")
local threads = 0
local log, pause, sent, tried

local function now()
  ffi.C.clock_gettime(0, read)
  return tonumber(read.seconds) + tonumber(read.nanoseconds) / 1e9
end

local function write(status, version)
  log:write(string.format("%.6f %.6f %d %s\n", sent, now() - sent, status, version))
  sent = nil
end

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  log = io.open(arguments[1] .. "." .. number, "w")
  log:setvbuf("line")
  pause = tonumber(arguments[2])
  if arguments[3] == "closed" then
    wrk.headers["Connection"] = "close"
  end
end

function delay()
  return pause
end

function request()
  if sent then
    write(0, "-")
  end
  if number > 0 or tried then
    sent = now()
  end
  tried = true  -- wrk asks the first thread once for a request that it does not send
  return wrk.format()
end

function response(status, headers)
  write(status, headers["x-version"] or headers["X-Version"] or "-")
end
