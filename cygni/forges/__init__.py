"""Forges: GitHub, GitLab and Bitbucket, as a job of their CI meets them."""
