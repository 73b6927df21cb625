"""AWS CodeBuild: builds an image in the account, and pushes it to ECR from there.

- `project.py`  the project that a user names, and whether it can build
- `orders.py`   what it is told to do (pure)
- `building.py` runs a build, tells its log, and ends it where it is stopped
"""
