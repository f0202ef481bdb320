"""The notebooks as one run: `pipeline`, settings side by side: `sweep`, and what came out: `report`."""
