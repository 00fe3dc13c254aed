#!/usr/bin/env python3
"""A small node of the assignment's own protocol, in plain Python 3, to hold the grader against.

It has the reference's endpoints with JSON bodies, one file, no dependencies. Right on purpose: joining,
ids, the start-up payments, payments, blocks of `capacity` with proof of work, links, refusal of what
cannot be afforded, signatures, one chain for all. Wrong on purpose, each as some implementation does:

- a fraction can be paid (L204);
- any node too many is taken in (L110);
- any web page can pay (L217);
- the proof of work of a received block is not checked (L421).

The "signature" is an HMAC with a key that everybody has: what is graded is whether it is checked.
"""
import argparse
import hashlib
import hmac
import json
import random
import threading
import time
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

KEY = b"the key of a node that is graded"


def sign(tx_id):
    return hmac.new(KEY, tx_id.encode(), hashlib.sha256).hexdigest()


def post(url, body, timeout=5):
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


class Node:
    def __init__(self, args):
        self.args = args
        self.lock = threading.RLock()
        self.ring = {}
        self.id = 0 if args.bootstrap else None
        self.chain = []
        self.pool = []
        self.ready = False
        self.tip_changed = threading.Event()

    # ring

    def start(self):
        me = f"http://127.0.0.1:{self.args.port}"
        if self.args.bootstrap:
            self.ring = {0: me}
            made = {"id": "genesis", "sender": "wallet0", "receiver": 0,
                    "amount": 100 * self.args.nodes, "signature": ""}
            self.chain = [{"index": 0, "timestamp": time.time(), "transactions": [made], "nonce": 0,
                           "previous_hash": "1", "current_hash": "genesis", "preimage": ""}]
        else:
            for _ in range(300):
                try:
                    answer = post(f"http://127.0.0.1:{self.args.bootstrap_port}/register_node", {"url": me})
                    with self.lock:
                        self.id = answer["id"]
                    break
                except OSError:
                    time.sleep(0.1)
        threading.Thread(target=self.mine_for_ever, daemon=True).start()

    def register(self, url):
        with self.lock:
            node_id = len(self.ring)
            self.ring[node_id] = url
            if len(self.ring) == self.args.nodes:
                threading.Thread(target=self.open_network, daemon=True).start()
            return node_id

    def open_network(self):
        body = {"ring": self.ring, "chain": self.chain}
        for node_id, url in list(self.ring.items()):
            if node_id != 0:
                for _ in range(50):
                    try:
                        post(url + "/receive_ring", body)
                        break
                    except OSError:
                        time.sleep(0.1)
        self.ready = True
        for node_id in range(1, self.args.nodes):
            self.pay(node_id, 100)

    # ledger: balances are what the blocks and the pool say

    def balance(self, wallet, with_pool=True):
        total = 0
        listed = [tx for block in self.chain for tx in block["transactions"]]
        for tx in listed + (self.pool if with_pool else []):
            if tx["receiver"] == wallet:
                total += tx["amount"]
            if tx["sender"] == wallet:
                total -= tx["amount"]
        return total

    def pay(self, receiver, amount):
        with self.lock:
            tx_id = uuid.uuid4().hex
            tx = {"id": tx_id, "sender": self.id, "receiver": receiver, "amount": amount,
                  "signature": sign(tx_id)}
            if not self.take_transaction(tx):
                return False
        self.broadcast("/receive_transaction", tx)
        return True

    def is_valid(self, tx, known):
        if tx["id"] in known or not hmac.compare_digest(tx["signature"], sign(tx["id"])):
            return False
        amount = tx["amount"]
        if not isinstance(amount, (int, float)) or isinstance(amount, bool) or not 0 < amount < 2 ** 53:
            return False
        return tx["receiver"] in self.ring and tx["sender"] in self.ring

    def known_ids(self):
        return {tx["id"] for block in self.chain for tx in block["transactions"]}

    def take_transaction(self, tx):
        with self.lock:
            known = self.known_ids() | {waiting["id"] for waiting in self.pool}
            if not self.is_valid(tx, known) or self.balance(tx["sender"]) < tx["amount"]:
                return False
            self.pool.append(tx)
            return True

    # blocks

    def preimage(self, block):
        fields = [block[name] for name in ("index", "timestamp", "transactions", "nonce", "previous_hash")]
        return json.dumps(fields, sort_keys=True)

    def mine_for_ever(self):
        while True:
            with self.lock:
                if len(self.pool) < self.args.capacity:
                    block = None
                else:
                    tip = self.chain[-1]
                    block = {"index": tip["index"] + 1, "timestamp": time.time(),
                             "transactions": self.pool[:self.args.capacity],
                             "nonce": random.getrandbits(32), "previous_hash": tip["current_hash"]}
                self.tip_changed.clear()
            if block is None:
                time.sleep(0.02)
                continue
            nonce = block["nonce"]
            head = json.dumps([block["index"], block["timestamp"], block["transactions"]], sort_keys=True)[:-1]
            tail = f", {json.dumps(block['previous_hash'])}]"
            while not self.tip_changed.is_set():
                found = hashlib.sha256(f"{head}, {nonce}{tail}".encode()).hexdigest()
                if found.startswith("0" * self.args.difficulty):
                    block.update(nonce=nonce, current_hash=found)
                    block["preimage"] = self.preimage(block)
                    if self.take_block(block):
                        self.broadcast("/receive_block", block)
                    break
                nonce += 1

    def chain_is_valid(self, chain, trusts_tip=False):
        balances, known = {}, set()
        for index, block in enumerate(chain):
            if index > 0:
                found = hashlib.sha256(self.preimage(block).encode()).hexdigest()
                trusted = trusts_tip and index == len(chain) - 1
                if not trusted and (found != block["current_hash"]
                                    or not found.startswith("0" * self.args.difficulty)):
                    return False
                if block["previous_hash"] != chain[index - 1]["current_hash"]:
                    return False
                if block["index"] != index or len(block["transactions"]) > self.args.capacity:
                    return False
            for tx in block["transactions"]:
                if index > 0:
                    if not self.is_valid(tx, known) or balances.get(tx["sender"], 0) < tx["amount"]:
                        return False
                    balances[tx["sender"]] -= tx["amount"]
                known.add(tx["id"])
                balances[tx["receiver"]] = balances.get(tx["receiver"], 0) + tx["amount"]
        return True

    def take_block(self, block):
        with self.lock:
            if block["previous_hash"] == self.chain[-1]["current_hash"]:
                if not self.chain_is_valid(self.chain + [block], trusts_tip=True):
                    return False
                self.adopt(self.chain + [block])
                return True
            if block["index"] < len(self.chain):
                return False
        self.resolve_conflict()
        with self.lock:
            return any(known["current_hash"] == block["current_hash"] for known in self.chain)

    def resolve_conflict(self):
        for node_id, url in list(self.ring.items()):
            if node_id == self.id:
                continue
            try:
                with urllib.request.urlopen(url + "/send_chain", timeout=5) as answer:
                    chain = json.load(answer)["blocks"]
            except (OSError, ValueError):
                continue
            with self.lock:
                if len(chain) > len(self.chain) and self.chain_is_valid(chain):
                    self.adopt(chain)

    def adopt(self, chain):
        lost = [tx for block in self.chain for tx in block["transactions"]] + self.pool
        self.chain, self.pool = chain, []
        for tx in lost:
            if tx["sender"] != "wallet0":
                self.take_transaction(tx)
        self.tip_changed.set()

    def broadcast(self, path, body):
        def tell(url):
            try:
                post(url + path, body)
            except OSError:
                pass
        threads = [threading.Thread(target=tell, args=(url,), daemon=True)
                   for node_id, url in list(self.ring.items()) if node_id != self.id]
        for thread in threads:
            thread.start()


class Handler(BaseHTTPRequestHandler):
    node = None

    def log_message(self, *args):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        node = self.node
        with node.lock:
            answers = {
                "/api/get_id": lambda: {"id": node.id},
                "/api/get_balance": lambda: {"balance": node.balance(node.id)},
                "/api/get_transactions": lambda: {"transactions": node.chain[-1]["transactions"]},
                "/api/get_metrics": lambda: {"blocks": len(node.chain)},
                "/api/get_ring": lambda: {"ring": node.ring},
                "/send_chain": lambda: {"blocks": node.chain},
            }
            made = answers.get(self.path)
            body = None if made is None or (not node.chain and self.path != "/api/get_id") else made()
        self.answer(404 if body is None else 200, body)

    def do_POST(self):
        node = self.node
        text = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1 << 22)).decode()
        if self.path == "/api/create_transaction":
            fields = {name: values[0] for name, values in parse_qs(text).items()}
            try:
                amount = json.loads(fields["amount"])
                receiver = int(fields["receiver"])
            except (KeyError, ValueError):
                return self.answer(400, {"error": "malformed"})
            taken = node.chain and node.pay(receiver, amount)
            return self.answer(200 if taken else 402, {"taken": bool(taken)})
        body = json.loads(text)
        if self.path == "/register_node":
            return self.answer(200, {"id": node.register(body["url"])})
        if self.path == "/receive_ring":
            with node.lock:
                node.ring = {int(node_id): url for node_id, url in body["ring"].items()}
                node.chain, node.ready = body["chain"], True
            return self.answer(200, {})
        if self.path == "/receive_transaction":
            taken = node.take_transaction(body)
            return self.answer(200 if taken else 400, {"taken": taken})
        if self.path == "/receive_block":
            taken = node.take_block(body)
            return self.answer(200 if taken else 400, {"taken": taken})
        return self.answer(404, {})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-p", "--port", type=int, required=True)
    parser.add_argument("-n", "--nodes", type=int, default=5)
    parser.add_argument("-c", "--capacity", type=int, default=5)
    parser.add_argument("-d", "--difficulty", type=int, default=4)
    parser.add_argument("-b", "--bootstrap", action="store_true")
    parser.add_argument("--bootstrap-port", type=int, default=5000)
    args = parser.parse_args()
    Handler.node = Node(args)
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    threading.Thread(target=Handler.node.start, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
