"""What the settings of Schemathesis cannot say."""

from pathlib import Path
from urllib.parse import urlsplit

import schemathesis


# A photo that can be read, in base64.
PHOTO = Path("photo.txt").read_text()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Mends what a made-up body would do or could never do."""
    body = case.body
    # Hooks with made-up addresses would make the server call strangers: the host becomes one that never exists.
    if isinstance(body, dict) and isinstance(body.get("subscriber_url"), str):
        address = body["subscriber_url"]
        try:
            host = urlsplit(address).netloc
        except ValueError:
            host = ""
        if host:
            case.body = {**body, "subscriber_url": address.replace(host, "hooks.invalid", 1)}
    # Made-up text is no photo: half of it becomes one, or nothing would get beyond the first look at it.
    for holder in ("image", "reference"):
        if isinstance(body, dict) and isinstance(body.get(holder), dict):
            content = body[holder].get("content")
            if isinstance(content, str) and len(content) % 2 == 0:
                case.body = {**body, holder: {**body[holder], "content": PHOTO}}
    # The same where the picture is a text of the body itself.
    for name in ("image", "id_front_image", "face_1", "face_2", "face_3", "face_image1", "face_image2"):
        if isinstance(case.body, dict) and isinstance(case.body.get(name), str) and len(case.body[name]) % 2 == 0:
            case.body = {**case.body, name: PHOTO}
