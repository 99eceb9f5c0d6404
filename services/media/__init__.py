"""Media: from the recorder's track files to the preserved original and the playable video."""
