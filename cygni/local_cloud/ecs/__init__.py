"""ECS as the local cloud has it: what its scheduler decides for services, tasks and schedules.

- `rollout.py`   which tasks of a service to start and to stop (pure)
- `failures.py`  when a deployment has failed, and how long to wait before the next try (pure)
- `wording.py`   ECS's own sentences (pure)
"""
