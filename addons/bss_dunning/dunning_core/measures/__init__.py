"""Numbers of collections: how much is late, how fast money comes, what a step brings, whom to call first."""
