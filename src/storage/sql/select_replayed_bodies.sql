SELECT until_ns, hashes FROM replayed_bodies
