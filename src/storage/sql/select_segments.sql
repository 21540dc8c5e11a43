SELECT number, fate FROM segments
