"""BuildKit as a job of a Kubernetes cluster: builds an image there, and pushes it to ECR.

- `place.py`     where it runs, by variables of the environment
- `manifests.py` the job and its secret (pure)
- `pod.py`       what a pod's state tells (pure)
- `building.py`  runs the job, tells its log, and removes it
"""
