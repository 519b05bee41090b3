#!/usr/bin/env python3
"""Checks a Countersign ledger bundle without Countersign: Python 3.8 or newer, standard library only.
Prints {"ok", "entries", "head", "first_bad": {"seq", "reason", "file"} or null, "warnings"}; ends with 0 (well), 1, 2.
"not_in_pack" counts files that entries of other runs name and that lie in the packs of those runs.
Format `countersign-ledger-v1`, frozen; written independently of the program's own verifier."""
import argparse, base64, calendar, hashlib, json, os, re, sys
# Ed25519, strict: canonical encodings, no point of small order, no cofactor. Points are (X, Y, Z), their bytes in hex.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT, ZERO = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P), (0, 1, 1)
def add(a, b):
    x, y, z = (one * other % P for one, other in zip(a, b))
    less, more = z * z - D * x * y, z * z + D * x * y
    return z * less * ((a[0] + a[1]) * (b[0] + b[1]) - x - y) % P, z * more * (x + y) % P, less * more % P
def times(k, point):
    even = times(k // 2, add(point, point)) if k else ZERO
    return add(even, point) if k & 1 else even
def same(a, b): return (a[0] * b[2] - b[0] * a[2]) % P == (a[1] * b[2] - b[1] * a[2]) % P == 0
def decode(text):
    """Gives the point of 32 bytes; None where they encode none, or one of small order, as all with x = 0 are."""
    sign, y = divmod(int.from_bytes(bytes.fromhex(text), "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    point = (x if x & 1 == sign else P - x, y, 1)
    return point if x * x % P == square and y < P and not same(times(8, point), ZERO) else None
BASE = decode("58" + "66" * 31)
def verifies(key, message, signature):
    s, points = int.from_bytes(bytes.fromhex(signature[64:]), "little"), [decode(key), decode(signature[:64])]
    k = int.from_bytes(hashlib.sha512(bytes.fromhex(signature[:64] + key) + message).digest(), "little") % L
    return s < L and None not in points and same(times(s, BASE), add(points[1], times(k, points[0])))
# What entries and lines look like: a pattern, a list of one form, an object of forms, or one of several (tuple).
TEXT, NUMBER, HEX16, HEX32, HEX64 = "(?s:.*)", "0|[1-9][0-9]{0,19}", "[0-9a-f]{32}", "[0-9a-f]{64}", "[0-9a-f]{128}"
STAMP = r"(19[7-9]\d|[2-9]\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
SIGNER = {"id": TEXT, "key": (None, HEX16), "name": TEXT}
ENVELOPE = {
    "v": "countersign-ledger-v1", "ledger": HEX16, "seq": NUMBER, "prev": HEX32, "at": STAMP, "app": TEXT, "body": dict,
    "offset": r"(?!-00:00)[+-]((0\d|1[0-7]):[0-5]\d|18:00)", "clock_regressed": (True, False), "object": (None, TEXT),
    "server_time": (None, {"age_ms": NUMBER, "at": STAMP}), "request": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "evidence": [{"name": TEXT, "sha256": HEX32, "size": NUMBER}], "environment": (None, TEXT),
    "signer": (None, SIGNER), "kind": "[a-z][a-z0-9_]{0,39}"}
ADDED = {**(PERSON := {"operator": TEXT, "name": TEXT, "email": TEXT, "roles": [TEXT]}), "public_key": HEX32}
BODIES = {
    "console_added": {"label": TEXT, "public_key": HEX32}, "key_change": {"operator": TEXT, "public_key": HEX32},
    "key_revoked": {"key": HEX16, "since": STAMP, "reason": TEXT}, "operator_added": ADDED, "operator_changed": PERSON,
    "operator_known": {**ADDED, "origin": HEX16, "listed_at": STAMP, "valid_from": STAMP, "valid_until": STAMP}}
SIGNED = {*BODIES, "checkpoint", "restored", "run_signed", "gate_overridden", "signature_requested", "signature_given"}
CARRIED = {"v": "countersign-signature-v1", "ledger": HEX16, "run": TEXT, "signer": SIGNER, "at": STAMP}
REOPENING = {**CARRIED, "v": "countersign-signature-v2", "reopens": [TEXT]}
FIRST, LAST = {"bundle": "countersign-bundle-v1", "ledger": HEX16}, {"entries": NUMBER, "head": HEX32}
BASE64 = "(DDDD)*(D[AQgw]==|DD[AEIMQUYcgkosw048]=)?".replace("D", "[A-Za-z0-9+/]")
LINE, ENTRY_MAX, NOBODY = {"bytes": BASE64, "hash": HEX32, "signatures": [HEX64]}, 256 * 1024, {"good": False}
def fits(form, value):
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(fits(form[k], value[k]) for k in form)
    if isinstance(form, tuple): return any(fits(one, value) for one in form)
    if isinstance(form, list): return isinstance(value, list) and all(fits(form[0], item) for item in value)
    if not isinstance(form, str): return value is form or (form is dict and isinstance(value, dict))
    found = isinstance(value, str) and re.fullmatch(form, value, re.ASCII)
    if found and form == STAMP:  # the 31st of February is no date
        return int(found[3]) <= calendar.monthrange(int(found[1]), int(found[2]))[1]
    return bool(found) and (form != NUMBER or int(value) < 2**64)
def canonical(value, depth=1):  # the keys in order; numbers, and what lies too deep, have no canonical form
    if depth > 16 or type(value) in (int, float): raise ValueError
    if isinstance(value, dict):
        return {k: canonical(value[k], depth + 1) for k in sorted(value, key=lambda k: k.encode("utf-16-be"))}
    return [canonical(item, depth + 1) for item in value] if isinstance(value, list) else value
write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
def read(data, limit):
    """Reads bytes that are exactly what writing their value gives; that refuses repeated keys, spaces and escapes."""
    try:
        value = json.loads(data.decode("utf-8"))
        return value if len(data) <= limit and write(canonical(value)).encode("utf-8") == data else None
    except (ValueError, RecursionError): return None
class Bad(Exception):
    """The first thing that is wrong: the reason, and its place where that is not the entry that was reached."""
def need(holds, reason, *place):
    if not holds: raise Bad(reason, *place)
def key_id(key): return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
def key_in(body):
    """Makes the key a body brings; that of another computer has an origin and a term, and signs no entry here."""
    return {"operator": "console", "origin": None, "valid_from": "", "valid_until": "~", **body, "good": True}
def is_allowed(entry, kind, body, keys):
    """Says whether an entry may be about whom or what it names: nobody takes an id or a key that is another's."""
    who, origins = body.get("operator"), {key["operator"]: key["origin"] for key in keys.values()}
    if kind == "operator_known":
        key = keys.get(key_id(body["public_key"]), key_in(body))
        theirs = origins.get(who, body["origin"]) == body["origin"] != entry["ledger"]
        return theirs and key["good"] and key["operator"] == who != "console" and decode(body["public_key"])
    return {"operator_added": who not in [*origins, "console"], "key_revoked": body.get("key") in keys,
            "operator_changed": who != "console" and origins.get(who, "") is None}.get(kind, True)
def check_signatures(entry, digest, signatures, keys):  # those signed who must have
    kind, body, signer = entry["kind"], entry["body"], entry["signer"] or {"id": None, "key": None}
    need(fits(BODIES.get(kind, dict), body), "SCHEMA")
    need(kind not in BODIES or is_allowed(entry, kind, body, keys), "UNKNOWN_KEY")
    need(signer["key"] or kind not in SIGNED, "SIG")
    new = [body["public_key"]] if kind in ("console_added", "operator_added", "key_change") else []
    fresh = all(key_id(key) not in keys and decode(key) for key in new)
    key = key_in(body) if new and kind != "key_change" else keys.get(signer["key"], NOBODY)
    may = fresh and key["good"] and key["operator"] == signer["id"] and not key["origin"]
    may = may and (signer["id"] != "console" or kind in ("checkpoint", "console_added"))
    may = may and (kind != "key_change" or signer["id"] == body["operator"])
    need(may and key_id(key["public_key"]) == signer["key"] or not signer["key"], "UNKNOWN_KEY")
    signers = [key["public_key"], *new][:2 if kind == "key_change" else 1] if signer["key"] else []
    need(len(signers) == len(signatures) and all(map(verifies, signers, [digest] * 2, signatures)), "SIG")
def check_carried(entry, keys):  # the signature of another computer that an entry carries
    body, signed, received = entry["body"], entry["body"].get("signed"), entry["kind"] == "signature_received"
    need(fits({"signed": dict, "signature": HEX64}, body) and signed.get("reopens") != [], "SCHEMA")
    need(fits((CARRIED, REOPENING), {name: signed[name] for name in REOPENING if name in signed}), "SCHEMA")
    need(signed["signer"]["key"], "SIG")
    key = keys.get(signed["signer"]["key"], NOBODY)
    need(key["good"] and key["operator"] == signed["signer"]["id"] != "console", "UNKNOWN_KEY")
    need(key["valid_from"] <= signed["at"] and entry["at"] < key["valid_until"], "UNKNOWN_KEY")
    digest = hashlib.sha256((signed["v"] + write(signed)).encode("utf-8")).digest()
    need(verifies(key["public_key"], digest, body["signature"]), "SIG")
    need(not received or signed["ledger"] == entry["ledger"], "FOREIGN_LEDGER")
    need(entry["object"] == "run/" + signed["run"] if received else entry["signer"] == signed["signer"], "SCHEMA")
def take_in(kind, body, keys):
    for name, key in keys.items():
        followed = kind in ("key_change", "operator_known") and key["operator"] == body["operator"]
        key["good"] = key["good"] and not followed and (kind != "key_revoked" or name != body["key"])
    if "public_key" in BODIES.get(kind, {}): keys[key_id(body["public_key"])] = key_in(body)
def check_entry(line, place, head, ledger, keys):
    raw = base64.b64decode(line["bytes"])
    digest, entry = hashlib.sha256(b"countersign-ledger-v1" + raw), read(raw, ENTRY_MAX)
    need(digest.hexdigest() == line["hash"], "HASH")
    need(fits(ENVELOPE, entry), "SCHEMA")
    need(entry["ledger"] == ledger, "FOREIGN_LEDGER")
    seq = int(entry["seq"])
    need(seq == place, "SEQ_DUP" if seq < place else "SEQ_GAP", min(seq, place))
    need(entry["prev"] == head, "PREV")
    need(seq > 1 or entry["kind"] == "console_added", "SCHEMA")
    check_signatures(entry, digest.digest(), line["signatures"], keys)
    if entry["kind"] in ("signature_received", "signature_given"): check_carried(entry, keys)
    return entry
def read_paper(source):
    text = open(source, encoding="utf-8").read() if os.path.exists(source) else source
    words = [word for line in text.splitlines() for word in line.lstrip(">| \t").split()]
    if words[3:14:2] == ["ledger", "entry", "time", "head", "key", "sign"] and words[0] == "Countersign":
        return words[4], int(words[6]), words[10], words[12], words[14] + words[15]
    return None, int(words[0]), re.fullmatch("[0-9a-f]{16,64}", words[1])[0], None, ""
def accuses(paper, keys, done):  # says whether to believe a checkpoint that disagrees: a forged one accuses nobody
    genuine = paper[3] not in keys or verifies(keys[paper[3]]["public_key"], bytes.fromhex(paper[2]), paper[4])
    return genuine or done["warnings"].append(f"the checkpoint of entry {paper[1]} disagrees and is not genuine")
def check_file(path, sha256, what, *place):
    need(os.path.isfile(path), what + "_MISSING", *place)
    need(hashlib.sha256(open(path, "rb").read()).hexdigest() == sha256, what + "_CHANGED", *place)
def check_manifest(path, sha256, place):
    """Checks that the newest manifest the ledger names is this one, and that it names the files beside it."""
    check_file(path, sha256, "MANIFEST", place, os.path.basename(path))
    for file in json.load(open(path, encoding="utf-8"))["files"]:
        check_file(os.path.join(os.path.dirname(path), file["name"]), file["sha256"], "FILE", place, file["name"])
def run_of(manifest):  # the run whose pack it is; None where the manifest, held to the ledger later, does not say
    try: return json.load(open(manifest, encoding="utf-8"))["run"]
    except (OSError, ValueError, TypeError, KeyError): return None
def walk(lines, papers, folder, done, run=None):
    keys, ledger, end, manifest = {}, None, None, (None, 0)
    for data in lines:
        place, line = done["entries"] + 1, read(data.rstrip(b"\r\n"), ENTRY_MAX // 3 * 4 + 1024)
        form = next((form for form in (FIRST, LINE, LAST) if fits(form, line)), None)
        need(form and not end and (form is FIRST) == (ledger is None), "SCHEMA")
        if form is not LINE:
            ledger, end = line.get("ledger", ledger), line if form is LAST else None
            continue
        entry = check_entry(line, place, done["head"] or "0" * 64, ledger, keys)
        for paper in papers:
            agrees = paper[1] != place or paper[0] not in (None, ledger) or line["hash"].startswith(paper[2])
            need(agrees or not accuses(paper, keys, done), "ROLLED_BACK")
        is_other = run and re.match("run/(?!" + re.escape(run) + "(/|$))", entry["object"] or "")
        for sha256 in [file["sha256"] for file in entry["evidence"] if folder]:
            path = os.path.join(folder, sha256)
            if is_other and not os.path.lexists(path): done["not_in_pack"] = done.get("not_in_pack", 0) + 1
            else: check_file(path, sha256, "EVIDENCE")
        if entry["kind"] == "run_exported" and entry["body"].get("format") == "manifest":
            manifest = entry["body"].get("sha256"), place
        take_in(entry["kind"], entry["body"], keys)
        done.update(entries=place, head=line["hash"])
    after = done["entries"] + 1
    for paper in papers:
        reason = "FOREIGN_LEDGER" if paper[0] not in (None, ledger) else "ROLLED_BACK" if paper[1] >= after else None
        need(reason is None or not accuses(paper, keys, done), reason, min(paper[1], after))
    need(end and (int(end["entries"]) + 1, end["head"]) == (after, done["head"]), "ROLLED_BACK")
    return manifest  # the digest of the newest, and the place of the entry that names it
if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file, or `118 0123456789abcdef`")
    parser.add_argument("--evidence", help="a folder with the files, each named by its SHA-256")
    parser.add_argument("--manifest", help="the list of the pack's files, which lie beside it")
    given, report = parser.parse_args(), {"ok": True, "entries": 0, "head": None, "first_bad": None, "warnings": []}
    try:
        manifest = walk(open(given.bundle, "rb"), [*map(read_paper, given.checkpoint)], given.evidence, report,
                        run_of(given.manifest))
        given.manifest and check_manifest(given.manifest, *manifest)
    except Bad as bad:
        place, *file = bad.args[1:] or [report["entries"] + 1]
        report.update(first_bad={"seq": place, "reason": bad.args[0], **dict(zip(["file"], file))})
    except (ValueError, TypeError, IndexError, OSError) as problem:
        parser.error(f"could not look: {problem}")
    print(json.dumps({**report, "ok": not (report["first_bad"] or report["warnings"])}))
    sys.exit(bool(report["first_bad"] or report["warnings"]))
