"""One process as a person's prompt or status bar would start it: scan, then a year by day and by model."""

from __future__ import annotations

from tokenpal.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main(["scan"]) or main(["report", "--by", "day", "--since", "365d", "--json"]) or main(["report", "--by", "model"]))
