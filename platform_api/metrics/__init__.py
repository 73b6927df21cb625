"""What a monitoring system asks for: `/metrics`, as Prometheus reads it. No label names a tenant."""
