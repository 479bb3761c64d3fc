"""A push service and the phone behind it, on libraries that others wrote: the server wakes a demo resident's phone, and what arrives is
decrypted (RFC 8291) and its sender verified (RFC 8292). `.ci/clients` makes `made/nahraum_client` and runs this.

    push.py certificate FILE   makes a certificate for the push service, with its key
    push.py FILE               runs against NAHRAUM_URL, a demo that trusts it
"""

import base64
import datetime
import http.server
import ipaddress
import json
import os
import queue
import ssl
import sys
import threading
from pathlib import Path

import http_ece
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from py_vapid import Vapid02

sys.path.insert(0, str(Path(__file__).parent / "made"))


def certificate(file):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Push")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    Path(file).write_bytes(made.public_bytes(pem) + private)


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def done(what):
    print(f"ok  push: {what}")


def run(file):
    from nahraum_client import AuthenticatedClient, Client
    from nahraum_client.api.devices import update_pin
    from nahraum_client.api.push import confirm_push, delete_push, get_push, update_push
    from nahraum_client.api.server import get_server
    from nahraum_client.api.sessions import sign_in_resident
    from nahraum_client.models import PinChange, PushCode, PushSubscription, ResidentSignIn

    url, pin, arrived = os.environ["NAHRAUM_URL"], "573068", queue.Queue()

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            headers = {name.lower(): value for name, value in self.headers.items()}
            arrived.put((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(201)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    service.socket = context.wrap_socket(service.socket, server_side=True)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    origin = f"https://127.0.0.1:{service.server_port}"

    def good(answer, status=200):
        assert answer.status_code == status, answer.content
        return answer.parsed

    anyone = Client(base_url=url)
    vapid_key = good(get_server.sync_detailed(client=anyone)).push.vapid_public_key
    words = ResidentSignIn(device_secret="de30babade30babade30babade300010", pin=pin)
    session = good(sign_in_resident.sync_detailed(client=anyone, body=words), 201)
    api = AuthenticatedClient(base_url=url, token=session.access_token)

    key, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)

    def wake():
        headers, body = arrived.get(timeout=30)
        token, shown = headers["authorization"].removeprefix("vapid t=").split(", k=")
        assert shown == vapid_key, "the key that /v1/server tells"
        # The library wants no space between the two (RFC 9110, 11.4 has it both ways).
        assert Vapid02.verify(f"vapid t={token},k={shown}"), "the sender's signature"
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert claims["aud"] == origin, claims
        return headers, body, json.loads(http_ece.decrypt(body, private_key=key, auth_secret=auth, version="aes128gcm"))

    subscription = PushSubscription(endpoint=f"{origin}/wake/demo", p256dh=text(point), auth=text(auth))
    assert good(update_push.sync_detailed(client=api, body=subscription)).state == "waiting"
    _, _, first = wake()
    assert good(confirm_push.sync_detailed(client=api, body=PushCode(code=first["code"]))).state == "on"
    done("a phone has shown the code that was pushed to it")

    good(update_pin.sync_detailed(client=api, body=PinChange(pin=pin)), 204)
    headers, body, said = wake()
    assert said == {"v": 1} and len(body) == 110, said
    assert (headers["topic"], headers["urgency"]) == ("sync", "high"), headers
    done('it was woken, and what arrived says {"v":1}: decrypted by http_ece, its sender verified by py_vapid')

    good(delete_push.sync_detailed(client=api), 204)
    assert good(get_push.sync_detailed(client=api)).state == "off"
    done("it is woken no more")


if sys.argv[1] == "certificate":
    certificate(sys.argv[2])
else:
    run(sys.argv[1])
