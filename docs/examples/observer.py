#!/usr/bin/env python3
"""An observer of a Noobcash network in plain Python, written from docs/protocol.md alone.

Joins one member of the ring, follows its chain, verifies every block from genesis on (work, links,
times, Merkle roots, signatures, coins), and prints a JSON line for each new tip with all balances.

Needs Python 3.10 and PyNaCl (Debian: python3-nacl).

    python3 observer.py --url http://127.0.0.1:5000
    python3 observer.py --url http://127.0.0.1:5000 --until-height 10
"""
import argparse, base64, hashlib, hmac, json, os, socket, statistics, struct, sys, time, urllib.parse
import urllib.request
from nacl import bindings, exceptions, signing

PROTOCOL_VERSION = 2
WALLET_ZERO = bytes(32)
POOL_MAX = 50_000
FRAME_MAX = 9 * 1024 * 1024

sha256 = lambda data: hashlib.sha256(data).digest()

class Refused(Exception):
    """What was received breaks the protocol; the text names the rule."""

def refuse(is_broken, code):
    if is_broken:
        raise Refused(code)

class Reader:
    """Reads fields one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        refuse(self.at + size > len(self.data), "message-malformed")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size):
        return int.from_bytes(self.take(size), "big")

    def list(self, read):
        return [read() for _ in range(self.number(2))]

# Section 1: bytes.

def read_transaction(reader):
    start = reader.at
    refuse(reader.number(1) != 1, "message-malformed")
    sender = reader.take(32)
    inputs = reader.list(lambda: reader.take(36))
    outputs = [(reader.take(32), reader.number(8)) for _ in range(reader.number(1))]
    unsigned = reader.data[start : reader.at]
    signature = reader.take(64)
    return {"id": sha256(unsigned), "sender": sender, "inputs": inputs, "outputs": outputs,
            "signature": signature, "leaf": sha256(b"\0" + unsigned + signature)}

def read_transactions(reader):
    return reader.list(lambda: read_transaction(reader))

def read_header(reader):
    data = reader.take(116)
    time_ms, height, compact, _ = struct.unpack(">QIII", data[96:])
    return {"hash": sha256(data), "previous": data[:32], "root": data[32:64], "miner": data[64:96],
            "time": time_ms, "height": height, "compact": compact}

def merkle_root(leaves):
    """RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + merkle_root(leaves[:left]) + merkle_root(leaves[left:]))

class Params:
    """What all nodes of the network agree on, and genesis, which follows from it."""

    def __init__(self, data):
        (version, self.nodes, self.capacity, steps, coins, self.reward, self.fee, _, flags,
         time_ms, self.founder) = struct.unpack(">BIIIQQQIBQ32s", data)
        refuse(version != 1 or flags > 3, "parameters of another version")
        self.strict, self.empty_blocks = flags & 1, flags & 2
        bits = 256 * 1000 - 4 * steps  # of the target, in thousandths
        exponent = bits // 8000 + 1
        mantissa = int(2 ** ((bits - 8000 * (exponent - 3)) / 1000))
        self.compact = exponent << 24 | mantissa
        self.target = mantissa * 256 ** (exponent - 3) - 1
        self.work = 2**256 // (self.target + 1)
        supply = coins * self.nodes
        unsigned = b"\1" + WALLET_ZERO + b"\0\0\1" + self.founder + supply.to_bytes(8, "big")
        root = merkle_root([sha256(b"\0" + unsigned + bytes(64)), sha256(b"\0" + data)])
        header = bytes(31) + b"\1" + root + self.founder
        header += struct.pack(">QIII", time_ms, 0, self.compact, 0)
        self.genesis = read_header(Reader(header))
        self.genesis_coins = {sha256(unsigned) + bytes(4): (self.founder, supply)}

# Section 2: rules. Every block is kept; the heaviest valid branch is the main chain.

class Chain:
    def __init__(self, params):
        self.params = params
        self.tip = dict(params.genesis, parent=None, work=0, transactions=[], invalid=False)
        self.blocks = {self.tip["hash"]: self.tip}
        self.coins = dict(params.genesis_coins)

    def add(self, header, transactions):
        """Takes a block in; gives True when the tip changed."""
        if header["hash"] in self.blocks:
            return False
        parent = self.blocks.get(header["previous"])
        self.check_alone(header, transactions)
        refuse(parent is None, "block-parent-unknown")
        self.check_against_parent(header, parent)
        work = parent["work"] + self.params.work
        block = dict(header, parent=parent, work=work, transactions=transactions, invalid=False)
        self.blocks[block["hash"]] = block
        # An observer never mines, so the lower hash of a tie wins at once.
        rank = lambda entry: (entry["work"], -int.from_bytes(entry["hash"], "big"))
        if rank(block) <= rank(self.tip):
            return False
        try:
            self.coins = self.coins_after(block)
        except Refused:
            block["invalid"] = True
            raise
        self.tip = block
        return True

    def coins_after(self, block):
        """The coins after a block: one step from the tip, or the whole branch from genesis."""
        if block["parent"] is self.tip:
            return self.connect(block, dict(self.coins))
        branch, coins = [], dict(self.params.genesis_coins)
        while block["parent"] is not None:
            branch.append(block)
            block = block["parent"]
        for entry in reversed(branch):
            coins = self.connect(entry, coins)
        return coins

    def check_alone(self, header, transactions):
        params, count = self.params, len(transactions)
        is_startup = header["height"] == -(-(params.nodes - 1) // params.capacity)
        leaves = [transaction["leaf"] for transaction in transactions]
        refuse(header["compact"] != params.compact, "block-bad-target")
        refuse(int.from_bytes(header["hash"], "big") > params.target, "block-bad-work")
        refuse(count > params.capacity, "block-over-capacity")
        refuse(count == 0 and not params.empty_blocks, "block-empty")
        refuse(params.strict and count < params.capacity and not is_startup, "block-underfull")
        refuse(len({transaction["id"] for transaction in transactions}) < count, "block-duplicate-transaction")
        refuse(merkle_root(leaves) != header["root"], "block-bad-merkle-root")

    def check_against_parent(self, header, parent):
        times, ancestor = [], parent
        while ancestor is not None and len(times) < 11:
            times.append(ancestor["time"])
            ancestor = ancestor["parent"]
        refuse(parent["invalid"], "block-parent-invalid")
        refuse(header["height"] != parent["height"] + 1, "block-bad-height")
        refuse(header["time"] <= statistics.median_high(times), "block-time-too-old")
        refuse(header["time"] > time.time() * 1000 + 7_200_000, "block-time-too-new")

    def connect(self, block, coins):
        for transaction in block["transactions"]:
            self.check_transaction(transaction, coins)
            for outpoint in transaction["inputs"]:
                del coins[outpoint]
            for index, output in enumerate(transaction["outputs"]):
                coins[transaction["id"] + index.to_bytes(4, "big")] = output
        earned = self.params.reward + self.params.fee * len(block["transactions"])
        if earned > 0:
            coins[block["hash"] + bytes(4)] = (block["miner"], earned)
        return coins

    def check_transaction(self, transaction, coins):
        sender, inputs, outputs = (transaction[name] for name in ("sender", "inputs", "outputs"))
        spent = [coins.get(outpoint) for outpoint in inputs]
        refuse(sender == WALLET_ZERO, "tx-sender-reserved")
        refuse(len(inputs) == 0, "tx-no-inputs")
        refuse(len(set(inputs)) < len(inputs), "tx-duplicate-input")
        refuse(not 1 <= len(outputs) <= 2, "tx-output-count")
        refuse(not all(0 < amount < 2**53 for _, amount in outputs), "tx-amount-invalid")
        refuse(len(outputs) == 2 and outputs[1][0] != sender, "tx-change-misdirected")
        refuse(None in spent, "tx-input-missing")
        inputs_sum = sum(amount for _, amount in spent)
        wanted = sum(amount for _, amount in outputs) + self.params.fee
        refuse(any(owner != sender for owner, _ in spent), "tx-input-foreign")
        refuse(inputs_sum < wanted, "tx-overspends")
        refuse(inputs_sum > wanted, "tx-underspends")
        message = b"noobcash/transaction/1" + self.params.genesis["hash"] + transaction["id"]
        verify(sender, message, transaction["signature"], "tx-bad-signature")

    def balances(self):
        sums = {}
        for owner, amount in self.coins.values():
            sums[owner.hex()] = sums.get(owner.hex(), 0) + amount
        return sums

def verify(key, message, signature, code):
    try:
        signing.VerifyKey(key).verify(message, signature)
    except (exceptions.BadSignatureError, exceptions.CryptoError, ValueError):
        raise Refused(code) from None

# Section 4: links. Noise_XXpsk0_25519_ChaChaPoly_SHA256 over a WebSocket.

encrypt = bindings.crypto_aead_chacha20poly1305_ietf_encrypt
decrypt = bindings.crypto_aead_chacha20poly1305_ietf_decrypt
agree, public_of = bindings.crypto_scalarmult, bindings.crypto_scalarmult_base

class Cipher:
    def __init__(self, key):
        self.key, self.count = key, 0

    def apply(self, act, data, associated=b"", rekeys=False):
        """Encrypts or decrypts; rekeys after every 65,536 transport messages."""
        nonce = bytes(4) + self.count.to_bytes(8, "little")
        result = act(data, associated, nonce, self.key)
        self.count += 1
        if rekeys and self.count % 65536 == 0:
            self.key = encrypt(bytes(32), b"", bytes(4) + b"\xff" * 8, self.key)[:32]
        return result

class Handshake:
    """The initiator's side."""

    def __init__(self, prologue, static_key, psk):
        self.hash = sha256(b"Noise_XXpsk0_25519_ChaChaPoly_SHA256")
        self.chaining = self.hash
        self.static, self.psk, self.cipher = static_key, psk, None
        self.ephemeral = os.urandom(32)
        self.mix_hash(prologue)

    def mix_hash(self, data):
        self.hash = sha256(self.hash + data)

    def derive(self, material):
        temporary, outputs = hmac.digest(self.chaining, material, "sha256"), [b""]
        for number in (b"\1", b"\2", b"\3"):
            outputs.append(hmac.digest(temporary, outputs[-1] + number, "sha256"))
        return outputs[1:]

    def mix_key(self, material):
        self.chaining, key, _ = self.derive(material)
        self.cipher = Cipher(key)

    def apply(self, act, data):
        result = self.cipher.apply(act, data, self.hash)
        self.mix_hash(result if act is encrypt else data)
        return result

    def message_1(self):
        self.chaining, mixed, key = self.derive(self.psk)
        self.mix_hash(mixed)
        self.cipher = Cipher(key)
        public = public_of(self.ephemeral)
        self.mix_hash(public)
        self.mix_key(public)
        return public + self.apply(encrypt, b"")

    def read_message_2(self, data):
        self.remote = data[:32]
        self.mix_hash(self.remote)
        self.mix_key(self.remote)
        self.mix_key(agree(self.ephemeral, self.remote))
        remote_static = self.apply(decrypt, data[32:80])
        self.mix_key(agree(self.ephemeral, remote_static))
        return remote_static, self.apply(decrypt, data[80:])

    def message_3(self, payload):
        sealed = self.apply(encrypt, public_of(self.static))
        self.mix_key(agree(self.static, self.remote))
        sealed += self.apply(encrypt, payload)
        send, receive, _ = self.derive(b"")
        return sealed, Cipher(send), Cipher(receive)

class Link:
    """An encrypted stream to one member."""

    def __init__(self, url, join_token):
        key = signing.SigningKey.generate()
        public, number = bytes(key.verify_key), int(time.time() * 1000)
        record = (number).to_bytes(8, "big")
        signature = key.sign(b"noobcash/record/1" + record).signature
        self.record = public + bytes(4) + record + signature
        prologue = PROTOCOL_VERSION.to_bytes(4, "big") + public + bytes(32) + record
        psk = sha256(b"noobcash/join-token/2" + join_token)
        noise = Handshake(prologue, bytes(key.to_curve25519_private_key()), psk)
        opening = prologue + bytes(16) + noise.message_1()
        content = {"Content-Type": "application/octet-stream"}
        request = urllib.request.Request(url + "/p2p/v2/handshake", opening, content)
        answer = urllib.request.urlopen(request, timeout=30).read()
        static, self.member = noise.read_message_2(answer)
        expected = bytes(signing.VerifyKey(self.member).to_curve25519_public_key())
        refuse(static != expected, "identity-mismatch")
        message_3, self.sealer, self.opener = noise.message_3(self.record)
        self.connect(url, base64.b64encode(answer[:32] + message_3).decode())
        self.taken = 0

    def connect(self, url, proof):
        host = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((host.hostname, host.port), timeout=30)
        challenge = base64.b64encode(os.urandom(16)).decode()
        lines = ["GET /p2p/v2/stream HTTP/1.1", f"Host: {host.netloc}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {challenge}", f"Authorization: Noise {proof}", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.file = self.socket.makefile("rb")
        status = self.file.readline().decode().strip()
        while self.file.readline().strip():
            pass
        refuse(" 101" not in status, status)

    def send_frame(self, content):
        parts = [content[at : at + 65519] for at in range(0, len(content), 65519)]
        sealed = [self.sealer.apply(encrypt, part, rekeys=True) for part in parts]
        self.send_websocket(2, b"".join(sealed))

    def send_websocket(self, kind, data):
        size = len(data)
        form, marker = ("B", 0x80 | size) if size < 126 else ("H", 0xFE) if size < 65536 else ("Q", 0xFF)
        head = struct.pack(">BB", 0x80 | kind, marker)
        head += struct.pack(">" + form, size) if size > 125 else b""
        # A mask of zeros changes no byte; what it would hide is encrypted anyway.
        self.socket.sendall(head + bytes(4) + data)

    def receive_websocket(self):
        data, kind = b"", None
        while True:
            first, second = self.file.read(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(self.file.read(2 if size == 126 else 8), "big")
            refuse(size > FRAME_MAX, "frame-oversized")
            part, operation = self.file.read(size), first & 0x0F
            if operation == 8:
                raise Refused(f"the member closed the stream: {part[2:].decode()}")
            if operation == 9:
                self.send_websocket(10, part)
            elif operation in (0, 1, 2):
                data += part
                kind = operation or kind
                if first & 0x80:
                    return data

    def send(self, message):
        self.send_frame(b"\1" + len(message).to_bytes(4, "big") + message)

    def receive(self):
        """The messages of the next batch, acknowledged."""
        frame = self.receive_websocket()
        parts = [frame[at : at + 65535] for at in range(0, len(frame), 65535)]
        content = b"".join(self.opener.apply(decrypt, part, rekeys=True) for part in parts)
        if content[:1] != b"\1":
            return []
        self.taken += 1
        self.send_frame(b"\0" + self.taken.to_bytes(4, "big"))
        reader, messages = Reader(content[1:]), []
        while reader.at < len(reader.data):
            messages.append(reader.take(reader.number(4)))
        return messages

# Following the chain.

def hashes(names):
    return len(names).to_bytes(2, "big") + b"".join(names)

class Observer:
    def __init__(self, url, join_token, until_height):
        self.link, self.until_height = Link(url, join_token), until_height
        self.chain, self.pool, self.wanted, self.status_at = None, {}, [], 0
        join = b"\1" + PROTOCOL_VERSION.to_bytes(4, "big") + self.link.record + b"\1\0"
        self.link.send(join)

    def run(self):
        while self.chain is None or self.chain.tip["height"] < self.until_height:
            for message in self.link.receive():
                self.take(message[0], Reader(message[1:]))
            if self.chain is not None and time.time() - self.status_at > 2:
                self.send_status()

    def take(self, tag, reader):
        if tag == 3:
            code, text = reader.number(1), reader.take(reader.number(4)).decode()
            raise Refused(f"the member refuses: code {code}, {text}")
        if tag == 2:
            self.chain = Chain(Params(reader.take(82)))
            self.send_status()
        if self.chain is None:
            return
        if tag == 4:
            keys = reader.list(lambda: reader.take(32))
            message = b"noobcash/ring/1" + self.chain.params.genesis["hash"] + b"".join(keys)
            verify(self.chain.params.founder, message, reader.take(64), "ring")
            refuse(self.link.member not in keys, "this is no member of the ring")
            self.ask_headers()
        elif tag == 6:
            reader.take(4 + 32 + 1 + 32 + 4)
            if reader.number(32) > self.chain.tip["work"]:
                self.ask_headers()
        elif tag == 7:
            for transaction in read_transactions(reader):
                if len(self.pool) < POOL_MAX:
                    self.pool[transaction["id"]] = transaction
        elif tag == 8:
            self.take_compact_block(reader)
        elif tag == 12:
            headers = reader.list(lambda: read_header(reader))
            self.wanted = [h["hash"] for h in headers if h["hash"] not in self.chain.blocks]
            self.ask_blocks()
        elif tag == 14:
            blocks = reader.list(lambda: (read_header(reader), read_transactions(reader)))
            for header, transactions in blocks:
                self.add(header, transactions)
                self.wanted = [name for name in self.wanted if name != header["hash"]]
            self.ask_blocks() if self.wanted else self.ask_headers()

    def take_compact_block(self, reader):
        header = read_header(reader)
        ids = reader.list(lambda: reader.take(32))
        known = self.pool | {t["id"]: t for t in read_transactions(reader)}
        if header["previous"] not in self.chain.blocks:
            self.ask_headers()
        elif any(name not in known for name in ids):
            self.wanted = [header["hash"]]
            self.ask_blocks()
        elif merkle_root([known[name]["leaf"] for name in ids]) != header["root"]:
            self.wanted = [header["hash"]]  # another signature of the same transaction is known here
            self.ask_blocks()
        else:
            self.add(header, [known[name] for name in ids])

    def add(self, header, transactions):
        has_new_tip = self.chain.add(header, transactions)
        for transaction in transactions:
            self.pool.pop(transaction["id"], None)
        if has_new_tip:
            tip, balances = self.chain.tip, self.chain.balances()
            line = {"height": tip["height"], "tip": tip["hash"].hex(), "balances": balances}
            print(json.dumps(line | {"supply": sum(balances.values())}), flush=True)

    def ask_headers(self):
        names, block = [], self.chain.tip
        while block is not None:
            names.append(block["hash"])
            block = block["parent"]
        # The newest ten, then ever larger steps down to genesis.
        locator = names[:10] + [names[2**power] for power in range(4, 30) if 2**power < len(names)]
        self.link.send(b"\x0b" + hashes(locator + names[-1:]))

    def ask_blocks(self):
        if self.wanted:
            self.link.send(b"\x0d" + hashes(self.wanted[:16]))

    def send_status(self):
        """Where this observer stands: its tip, no ring of its own, an empty pool."""
        tip, genesis, self.status_at = self.chain.tip, self.chain.params.genesis, time.time()
        fields = PROTOCOL_VERSION.to_bytes(4, "big") + genesis["hash"] + b"\0" + tip["hash"]
        fields += tip["height"].to_bytes(4, "big") + tip["work"].to_bytes(32, "big") + bytes(12)
        self.link.send(b"\6" + fields + int(time.time() * 1000).to_bytes(8, "big"))

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Follows and verifies a Noobcash network.")
    parser.add_argument("--url", required=True, help="any member, as in http://127.0.0.1:5000")
    parser.add_argument("--join-token-file", help="a file that holds the fleet's shared secret")
    parser.add_argument("--until-height", type=int, default=2**32, help="stop there")
    options = parser.parse_args()
    token = open(options.join_token_file, "rb").read().strip() if options.join_token_file else b""
    try:
        Observer(options.url.rstrip("/"), token, options.until_height).run()
    except (Refused, OSError) as error:
        sys.exit(f"Cannot go on: {error}")
    except KeyboardInterrupt:
        pass
