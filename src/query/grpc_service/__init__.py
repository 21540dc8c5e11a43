"""Questions over gRPC: goldeneye.query.v1.QueryService."""
