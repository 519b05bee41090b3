#!/usr/bin/env python3
"""Checks a Countersign ledger bundle without Countersign: Python 3.8 or newer, standard library only.
Prints {"ok", "entries", "head", "first_bad": {"seq", "reason"} or null}; ends with 0 (all is well), 1 (it is not) or 2.
Format `countersign-ledger-v1`, frozen; written independently of the program's own verifier.
"""
import argparse, base64, hashlib, json, os, re, sys
from datetime import datetime

ENTRY_MAX, LINE_MAX, DEPTH_MAX, ZERO = 256 * 1024, 256 * 1024 // 3 * 4 + 1024, 16, "0" * 64
ENROLLING = ("console_added", "operator_added", "key_change")
DECISIONS = {*ENROLLING, "operator_changed", "operator_known", "key_revoked", "checkpoint", "restored", "run_signed",
             "gate_overridden", "signature_requested", "signature_given"}

# Ed25519, strict: canonical encodings, no point of small order, no cofactor. Points are (X, Y, Z, T).
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, P - 2, P) % P, pow(2, (P - 1) // 4, P)
def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    c, d = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = (n - m) % P, (d - c) % P, (d + c) % P, (n + m) % P
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(k, point):
    result = (0, 1, 1, 0)
    for bit in bin(k)[2:]:
        result = add(add(result, result), point) if bit == "1" else add(result, result)
    return result
def encode(point):
    inverse = pow(point[2], P - 2, P)
    return ((point[1] * inverse % P) | ((point[0] * inverse % P) & 1) << 255).to_bytes(32, "little")
def decode(data):
    y, sign = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if x * x % P != square or y >= P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P
BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
def sound(data):
    return decode(data) is not None and encode(times(8, decode(data))) != encode(times(0, BASE))
def verifies(key, message, signature):
    s = int.from_bytes(signature[32:], "little")
    if s >= L or not sound(key) or not sound(signature[:32]):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, t = decode(key)
    return encode(add(times(s, BASE), times(k, (P - x, y, z, P - t)))) == signature[:32]

# What entries and lines look like: a pattern, a list of one form, an object of forms, or one of several (tuple).
TEXT, NUMBER, HEX16, HEX32, HEX64 = "(?s:.*)", "0|[1-9][0-9]{0,19}", "[0-9a-f]{32}", "[0-9a-f]{64}", "[0-9a-f]{128}"
SIGNER = {"id": TEXT, "key": (None, HEX16), "name": TEXT}
STAMP = r"(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
PERSON = {"operator": TEXT, "name": TEXT, "email": TEXT, "roles": [TEXT]}
ENVELOPE = {
    "v": "countersign-ledger-v1", "ledger": HEX16, "seq": NUMBER, "prev": HEX32, "at": STAMP, "app": TEXT, "body": dict,
    "offset": r"(?!-00:00)[+-]((0\d|1[0-7]):[0-5]\d|18:00)", "clock_regressed": (True, False),
    "server_time": (None, {"age_ms": NUMBER, "at": STAMP}), "kind": "[a-z][a-z0-9_]{0,39}", "object": (None, TEXT),
    "environment": (None, TEXT), "signer": (None, SIGNER),
    "evidence": [{"name": TEXT, "sha256": HEX32, "size": NUMBER}], "request": "-".join(
        "[0-9a-f]{%d}" % count for count in (8, 4, 4, 4, 12))}
BODIES = {"console_added": {"label": TEXT, "public_key": HEX32}, "operator_added": {**PERSON, "public_key": HEX32},
    "operator_changed": PERSON, "key_change": {"operator": TEXT, "public_key": HEX32},
    "key_revoked": {"key": HEX16, "since": STAMP, "reason": TEXT}, "operator_known": {**PERSON, "public_key": HEX32,
    "origin": HEX16, "listed_at": STAMP, "valid_from": STAMP, "valid_until": STAMP}}
SAID = {"v": "countersign-signature-v1", "ledger": HEX16, "run": TEXT, "signer": SIGNER, "at": STAMP}
LINES = ({"bundle": "countersign-bundle-v1", "ledger": HEX16}, {"entries": NUMBER, "head": HEX32},
         {"bytes": "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?", "hash": HEX32, "signatures": [HEX64]})
def fits(form, value):
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(fits(form[k], value[k]) for k in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(form[0], item) for item in value)
    if isinstance(form, tuple):
        return any(fits(one, value) for one in form)
    if not isinstance(form, str) or not isinstance(value, str):
        return value is form or (form is dict and isinstance(value, dict))
    try:  # the 31st of February is no date, and numbers have 64 bits
        real = datetime(*map(int, re.findall("[0-9]+", value)[:6])) if form == STAMP else True
        return bool(real and re.fullmatch(form, value, re.ASCII)) and (form != NUMBER or int(value) < 2**64)
    except (ValueError, TypeError, OverflowError):
        return False
def plain(value, depth=1):
    if depth > DEPTH_MAX or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return False
    inner = list(value.values()) if isinstance(value, dict) else value
    return not isinstance(inner, list) or all(plain(item, depth + 1) for item in inner)
def ordered(value):
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [ordered(item) for item in value] if isinstance(value, list) else value
def read_json(data, limit, order=lambda value: value):
    """Reads bytes that are exactly what writing their value gives; that refuses repeated keys, spaces and escapes."""
    try:
        value = json.loads(data.decode("utf-8"))
        again = json.dumps(order(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        return value if len(data) <= limit and again == data else None
    except (ValueError, RecursionError):
        return None

class Bad(Exception):
    """The first thing that is wrong: its place and the reason."""
def need(holds, place, reason):
    if not holds:
        raise Bad(place, reason)
def key_id(key):
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
def keys_of(entry, seq, keys, operators):
    """Names the keys that must have signed."""
    kind, body, signer = entry["kind"], entry["body"], entry["signer"] or {}
    need(kind not in BODIES or fits(BODIES[kind], body), seq, "SCHEMA")
    signed, new = signer.get("key"), body.get("public_key")
    fresh = kind in ENROLLING and key_id(new) not in keys and sound(bytes.fromhex(new))
    if kind in ("console_added", "operator_added"):
        holder = body.get("operator", "console")
        need(kind == "console_added" or holder not in {*operators, "console"}, seq, "UNKNOWN_KEY")
        need(signed is not None, seq, "SIG")
        need(fresh and (signer["id"], signed) == (holder, key_id(new)), seq, "UNKNOWN_KEY")
        return [new]
    known = {"operator_changed": lambda: operators.get(body["operator"], "") is None,
             "operator_known": lambda: knowable(entry, body, keys, operators),
             "key_revoked": lambda: body["key"] in keys}
    need(known.get(kind, lambda: True)(), seq, "UNKNOWN_KEY")
    if signed is None:
        need(kind not in DECISIONS, seq, "SIG")
        return []
    key = keys.get(signed, {"good": False})
    may = key["good"] and key["holder"] == signer["id"] and (signer["id"] != "console" or kind == "checkpoint")
    may = may and not key["valid"]  # a key of another computer signs no entry here
    need(may, seq, "UNKNOWN_KEY")
    need(kind != "key_change" or (fresh and signer["id"] == body["operator"]), seq, "UNKNOWN_KEY")
    return [key["public"], new] if kind == "key_change" else [key["public"]]
def knowable(entry, body, keys, operators):
    """Says whether somebody of another computer may be taken up: nobody else's id, and a key of their own."""
    key = keys.get(key_id(body["public_key"]), {"good": True, "holder": body["operator"]})
    theirs = operators.get(body["operator"], body["origin"]) == body["origin"] != entry["ledger"]
    own = key["good"] and key["holder"] == body["operator"] != "console"
    return theirs and own and sound(bytes.fromhex(body["public_key"]))
def check_carried(entry, seq, keys):
    """Checks the signature of another computer that an entry carries."""
    body = entry["body"]
    signed, signer = body.get("signed"), entry["signer"]
    shape = fits({"signed": dict, "signature": HEX64}, body) and fits(SAID, {k: signed.get(k) for k in SAID})
    need(shape, seq, "SCHEMA")
    need(signed["signer"]["key"], seq, "SIG")
    key = keys.get(signed["signer"]["key"], {"good": False})
    good = key["good"] and key["holder"] == signed["signer"]["id"] != "console"
    in_time = lambda valid: not valid or valid[0] <= signed["at"] and entry["at"] < valid[1]
    need(good and in_time(key["valid"]), seq, "UNKNOWN_KEY")
    digest = hashlib.sha256(SAID["v"].encode() + json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode())
    need(verifies(bytes.fromhex(key["public"]), digest.digest(), bytes.fromhex(body["signature"])), seq, "SIG")
    received = entry["kind"] == "signature_received"
    need(not received or signed["ledger"] == entry["ledger"], seq, "FOREIGN_LEDGER")
    need(entry["object"] == "run/" + signed["run"] if received else signer == signed["signer"], seq, "SCHEMA")
def take_in(kind, body, entry, keys, operators):
    if kind in ("key_revoked", "key_change"):
        keys[body["key"] if kind == "key_revoked" else entry["signer"]["key"]]["good"] = False
    if kind in ENROLLING:
        holder = "console" if kind == "console_added" else body["operator"]
        keys[key_id(body["public_key"])] = {"public": body["public_key"], "holder": holder, "good": True, "valid": None}
        operators.update({holder: None} if holder != "console" else {})
    if kind == "operator_known":
        for key in keys.values():
            key["good"] = key["good"] and key["holder"] != body["operator"]
        keys[key_id(body["public_key"])] = {"public": body["public_key"], "holder": body["operator"], "good": True,
                                            "valid": (body["valid_from"], body["valid_until"])}
        operators[body["operator"]] = body["origin"]
def check_entry(line, place, head, ledger, keys, operators):
    raw = base64.b64decode(line["bytes"])
    need(base64.b64encode(raw).decode() == line["bytes"], place, "SCHEMA")
    digest = hashlib.sha256(b"countersign-ledger-v1" + raw)
    need(digest.hexdigest() == line["hash"], place, "HASH")
    entry = read_json(raw, ENTRY_MAX, ordered)
    need(plain(entry) and fits(ENVELOPE, entry), place, "SCHEMA")
    seq = int(entry["seq"])
    need(entry["ledger"] == ledger, place, "FOREIGN_LEDGER")
    need(seq == place, min(seq, place), "SEQ_DUP" if seq < place else "SEQ_GAP")
    need(entry["prev"] == head, seq, "PREV")
    need(seq > 1 or entry["kind"] == "console_added", seq, "SCHEMA")
    signers, signatures = keys_of(entry, seq, keys, operators), line["signatures"]
    pairs = [(bytes.fromhex(key), bytes.fromhex(signature)) for key, signature in zip(signers, signatures)]
    good = all(verifies(key, digest.digest(), signature) for key, signature in pairs)
    need(good and len(signers) == len(signatures), seq, "SIG")
    if entry["kind"] in ("signature_received", "signature_given"):
        check_carried(entry, seq, keys)
    return entry
def read_paper(source):
    text = open(source, encoding="utf-8").read() if os.path.exists(source) else source
    words = [word for line in text.splitlines() for word in line.lstrip(">| \t").split()]
    if words[3:14:2] == ["ledger", "entry", "time", "head", "key", "sign"] and words[0] == "Countersign":
        return words[4], int(words[6]), words[10], words[12], bytes.fromhex(words[14] + words[15])
    return None, int(words[0]), re.fullmatch("[0-9a-f]{16,64}", words[1])[0], None, b""
def accuses(paper, keys):
    """Says whether to believe a checkpoint that disagrees; one whose own signature does not hold accuses nobody."""
    return paper[3] not in keys or verifies(bytes.fromhex(keys[paper[3]]["public"]), bytes.fromhex(paper[2]), paper[4])
def walk(lines, papers, folder, done):
    keys, operators, ledger, end = {}, {}, None, None
    for data in lines:
        place, line = done["entries"] + 1, read_json(data, LINE_MAX)
        form = next((form for form in LINES if fits(form, line) and list(form) == list(line)), None)
        need(form and not end and (form is LINES[0]) == (ledger is None), place, "SCHEMA")
        if form is not LINES[2]:
            ledger, end = line.get("ledger", ledger), line if form is LINES[1] else None
            continue
        entry = check_entry(line, place, done["head"] or ZERO, ledger, keys, operators)
        for paper in papers:
            agrees = paper[1] != place or paper[0] not in (None, ledger) or line["hash"].startswith(paper[2])
            need(agrees or not accuses(paper, keys), place, "ROLLED_BACK")
        for sha256 in [file["sha256"] for file in entry["evidence"] if folder]:
            need(os.path.isfile(os.path.join(folder, sha256)), place, "EVIDENCE_MISSING")
            with open(os.path.join(folder, sha256), "rb") as content:
                need(hashlib.sha256(content.read()).hexdigest() == sha256, place, "EVIDENCE_CHANGED")
        take_in(entry["kind"], entry["body"], entry, keys, operators)
        done.update(entries=place, head=line["hash"])
    last = done["entries"]
    for paper in papers:
        reason = "FOREIGN_LEDGER" if paper[0] not in (None, ledger) else "ROLLED_BACK" if paper[1] > last else None
        need(reason is None or not accuses(paper, keys), min(paper[1], last + 1), reason)
    need(end and (end["entries"], end["head"]) == (str(last), done["head"] or ZERO), last + 1, "ROLLED_BACK")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--checkpoint", action="append", default=[], help="a file, or `118 0123456789abcdef`")
    parser.add_argument("--evidence", help="a folder with the files, each named by its SHA-256")
    given, report = parser.parse_args(), {"ok": True, "entries": 0, "head": None, "first_bad": None}
    try:
        papers = [read_paper(source) for source in given.checkpoint]
        with open(given.bundle, "rb") as bundle:
            walk((line.rstrip(b"\r\n") for line in bundle), papers, given.evidence, report)
    except Bad as bad:
        report.update(ok=False, first_bad={"seq": bad.args[0], "reason": bad.args[1]})
    except (ValueError, TypeError, IndexError, OSError) as problem:
        print("could not look:", problem, file=sys.stderr)
        sys.exit(2)
    print(json.dumps(report))
    sys.exit(not report["ok"])
