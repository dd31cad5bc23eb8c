"""Bad input end to end: real processes, real files, real disks. Each ends in a sentence, nothing is lost or counted twice."""
