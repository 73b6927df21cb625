"""The task runner, a part of the data plane: runs the tasks that ECS wants, each container a process.

- `runner.py`      the part: starts, watches and ends tasks until they are as the snapshot wants them
- `running.py`     one task and its containers
- `folder.py`      what is written down of a task, so that the next data plane takes it over
- `monitor.py`     a small program around each container's process: keeps its output and its exit code, ends it whole
- `commands.py`    what is run for a container: a bundle's start command, or a container engine (pure)
- `environment.py` the variables that a container gets (pure)
- `engines.py`     the container engine of this machine, if one answers
- `memory.py`      who has used more memory than its limit
- `ports.py`       ports for containers
"""
