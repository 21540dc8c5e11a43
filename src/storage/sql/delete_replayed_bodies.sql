DELETE FROM replayed_bodies WHERE until_ns < ?
