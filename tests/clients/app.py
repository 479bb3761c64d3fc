"""An app of a few lines, on a client that was generated from the contract: signs a demo resident in, keeps what they see,
loads a document in two parts, and follows what changes. `.ci/clients` makes `made/nahraum_client` and runs this.

    NAHRAUM_URL   the demo
"""

import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "made"))

from nahraum_client import AuthenticatedClient, Client  # noqa: E402
from nahraum_client.api.findings import get_finding, get_finding_content, list_findings  # noqa: E402
from nahraum_client.api.questions import create_question, delete_question  # noqa: E402
from nahraum_client.api.server import get_server  # noqa: E402
from nahraum_client.api.sessions import sign_in_resident  # noqa: E402
from nahraum_client.api.sync import list_changes  # noqa: E402
from nahraum_client.models import Problem, QuestionOrder, ResidentSignIn  # noqa: E402
from nahraum_client.types import UNSET  # noqa: E402

URL = os.environ["NAHRAUM_URL"]


def done(what):
    print(f"ok  Python: {what}")


def good(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.parsed


anyone = Client(base_url=URL)
server = good(get_server.sync_detailed(client=anyone))
assert server.demo and any(version.version == "v1" for version in server.api_versions)
words = ResidentSignIn(device_secret="de30babade30babade30babade300010", pin="573068")
session = good(sign_in_resident.sync_detailed(client=anyone, body=words), 201)
api = AuthenticatedClient(base_url=URL, token=session.access_token, headers={"accept-language": "en"})
done("signed in")

listed, cursor = [], UNSET
while True:
    page = good(list_findings.sync_detailed(client=api, limit=3, cursor=cursor))
    listed += [item.id for item in page.items]
    cursor = page.next_cursor
    if not cursor:
        break
assert len(listed) > 3 and len(set(listed)) == len(listed)
done(f"{len(listed)} findings, page by page")

kept, since = {}, UNSET


def sync():
    global since
    count = 0
    while True:
        page = good(list_changes.sync_detailed(client=api, limit=50, since=since))
        for change in page.changes:
            if change.op == "delete":
                kept.pop((change.type_, change.id), None)
            elif change.op == "upsert":
                kept[change.type_, change.id] = change
        since = page.next_
        count += len(page.changes)
        if not page.has_more:
            return count


sync()
assert sorted(id for type_, id in kept if type_ in ("finding", "recall")) == sorted(listed)
done("the app keeps what the list shows")

findings = (good(get_finding.sync_detailed(id, client=api)) for id in listed)
finding = next(one for one in findings if one.document and one.document.size > 1000)
whole = b""
for part in ("bytes=0-999", "bytes=1000-"):
    answer = get_finding_content.sync_detailed(finding.summary.id, client=api, range_=part)
    whole += good(answer, 206).payload.read()
assert hashlib.sha256(whole).hexdigest() == finding.document.sha256
done("a document that was loaded in two parts is whole")

question = good(create_question.sync_detailed(client=api, body=QuestionOrder(said="Why?")), 201)
assert sync() == 1 and ("question", question.id) in kept
good(delete_question.sync_detailed(question.id, client=api), 204)
assert sync() == 1 and ("question", question.id) not in kept
assert sync() == 0
done("what is new comes, and what is gone goes")

nothing = good(get_finding.sync_detailed("019343f2-7d6a-7c3e-9d5b-3a2f1c0b9aff", client=api), 404)
assert isinstance(nothing, Problem) and nothing.code == "not-found" and nothing.request_id
done("a problem says its code")
