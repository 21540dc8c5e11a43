"""How services are: healthy, degraded, unhealthy or silent, and why."""
