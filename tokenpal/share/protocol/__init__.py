"""What a member's client and a team's endpoint both know: the formats, keys, sums and clocks of ``tokenpal-share/1``.

May import: model, cryptography, pyhpke. Pure: no network, no files, no clock, no SQL; times and chance are handed in.
May not import: anything else of tokenpal. The protocol itself is written down in ``resources/team/protocol.md``.
"""
