"""Parts for the tests of programs that use this one: a media host with habits, and edited clips."""
