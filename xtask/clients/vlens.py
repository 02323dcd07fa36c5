"""The requests of Vlens' documentation, as it writes them for Python: front, back and face of one person.

What is sent comes as JSON on standard input: the base of the URL, the key, the token, and the images. What came back is
written as JSON to standard output.
"""

import json
import sys

import requests

given = json.load(sys.stdin)
BASE = given["base"]
API_KEY = given["key"]
ACCESS_TOKEN = given["token"]

headers = {
    "Content-Type": "application/json",
    "ApiKey": API_KEY,
    "Authorization": f"Bearer {ACCESS_TOKEN}"
}


def post(step, data):
    API_URL = f"{BASE}/api/DigitalIdentity/verify/{step}"
    response = requests.post(API_URL, headers=headers, json=data)
    return response.json()


front = post("id/front", {
    "transaction_id": None,
    "image": given["front"]
})
transaction_id = front["data"]["idFrontData"]["transaction_id"]
back = post("id/back", {
    "transaction_id": transaction_id,
    "image": given["back"]
})
one, two, three = given["faces"]
face = post("liveness/multi", {
    "transaction_id": transaction_id,
    "face_1": one,
    "face_2": two,
    "face_3": three
})
json.dump([front, back, face], sys.stdout)
