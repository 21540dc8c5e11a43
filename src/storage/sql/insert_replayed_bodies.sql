INSERT INTO replayed_bodies VALUES (?, ?)
