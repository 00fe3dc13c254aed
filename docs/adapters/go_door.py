"""Finds a node's own key, which its doors do not tell: it owns, in the chain, what lies in its wallet."""
import json
import sys
import urllib.request


def read(url, data=None):
    with urllib.request.urlopen(url, data, timeout=15) as answer:
        return json.load(answer)


for line in sys.stdin:
    question = json.loads(line)
    answer = {"id": question["id"]}
    try:
        node = question["nodes"][question["node"]]
        blocks = read(f"http://{node['host']}:{node['port2']}/chain-tail/-1", b"")
        owners = {out["id"]: out["owner"] for block in blocks for tx in block["transactions"]
                  for out in tx["outputs"]}
        mine = {owners[coin["id"]] for coin in read(node["url"] + "/view/utxos") if coin["id"] in owners}
        answer.update(accepted=True, value=mine.pop() if len(mine) == 1 else None)
    except Exception as error:
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
