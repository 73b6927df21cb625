"""The API of a Kubernetes cluster, without `kubectl`.

- `kubeconfig.py`   which cluster, and who asks (reads files)
- `credentials.py`  how the cluster knows who asks
- `api.py`          asks
"""
