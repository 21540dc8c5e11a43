time {{beyond}} make_timestamp_ns($after_time) OR (
    time = make_timestamp_ns($after_time) AND (
        received_time {{beyond}} make_timestamp_ns($after_received) OR (
            received_time = make_timestamp_ns($after_received) AND tie {{beyond}}= $after_tie
        )
    )
)
