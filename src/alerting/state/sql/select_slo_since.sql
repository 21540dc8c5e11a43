SELECT since_ns FROM slo_since
