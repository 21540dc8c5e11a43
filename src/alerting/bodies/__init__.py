"""The bodies of requests, whatever their Content-Type says."""
