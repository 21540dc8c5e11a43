SELECT * FROM rollups WHERE period_s = $period_s
