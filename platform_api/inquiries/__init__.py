"""What is asked of an environment, and changes nothing: a worker asks `cx`, and what that says is streamed."""
