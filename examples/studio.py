"""Track a video on a studio server, and print where the nose is while the server works.

Start the server with a token of your own, of at least 16 characters, in the variable STUDIO_TOKEN:
vitruvian studio --no-browser --token STUDIO_TOKEN

python examples/studio.py walk.mp4
"""

import json
import os
import sys
from pathlib import Path
from urllib.request import Request, urlopen

url = os.environ.get("STUDIO_URL", "http://127.0.0.1:8720")
login = {"Authorization": f"Bearer {os.environ['STUDIO_TOKEN']}"}
to_json = login | {"Content-Type": "application/json"}
video = Path(sys.argv[1])

put = Request(f"{url}/api/files?name=upload.mp4", video.read_bytes(), login, method="PUT")
with urlopen(put) as answer:
    file = json.load(answer)
print(f"{file['width']}x{file['height']} px, {file['duration_s']:.1f} s")

options = {"file": file["id"], "options": {"model": "lite", "num_poses": 2}}
with urlopen(Request(f"{url}/api/jobs", json.dumps(options).encode(), to_json)) as answer:
    job = json.load(answer)

with urlopen(Request(f"{url}/api/jobs/{job['id']}/results", headers=login)) as lines:
    for line in lines:  # until the job ends
        result = json.loads(line)
        for pose in result["poses"]:
            x, y, _ = pose["landmarks"][0]
            print(f"{result['timestamp_us'] / 1e6:.2f} s, person {pose['id']}: {x:.0f}, {y:.0f} px")

with urlopen(Request(f"{url}/api/files/{file['id']}", headers=login, method="DELETE")):
    pass
