"""What the commands of the documents need around them: files, a Hub, an engine with its models. Used by check-docs."""
import http.client, json, os, random, shutil, struct, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
# GGUF's numbers of types: name, values of a block, bytes of a block.
TYPES = {"F32": (0, 1, 4), "BF16": (30, 1, 2), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144), "Q6_K": (14, 256, 210)}


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def fact(key, value):
    if isinstance(value, list):
        return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(text(one) for one in value)
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, float):
        return text(key) + struct.pack("<If", 6, value)
    return text(key) + struct.pack("<II", 4, value)


def gguf(path, name, shape, kind):
    """A GGUF file of the shape with no weights in it: what is asked of it is the header and the length."""
    arch, width, layers = shape["arch"], shape["width"], shape["layers"]
    heads, groups, head = shape["heads"], shape["groups"], shape["head"]
    facts = [
        fact("general.architecture", arch), fact("general.name", name), fact(arch + ".context_length", shape["context"]),
        fact(arch + ".embedding_length", width), fact(arch + ".block_count", layers),
        fact(arch + ".feed_forward_length", shape["feed"]), fact(arch + ".attention.head_count", heads),
        fact(arch + ".attention.head_count_kv", groups), fact(arch + ".attention.key_length", head),
        fact(arch + ".attention.value_length", head), fact(arch + ".attention.layer_norm_rms_epsilon", 1e-6),
        fact("tokenizer.ggml.model", "gpt2"), fact("tokenizer.ggml.tokens", ["t%d" % n for n in range(shape["vocabulary"])]),
    ]
    weights = [("token_embd.weight", (width, shape["vocabulary"])), ("output_norm.weight", (width,))]
    for layer in range(layers):
        at = "blk.%d." % layer
        weights += [
            (at + "attn_norm.weight", (width,)), (at + "ffn_norm.weight", (width,)), (at + "attn_q.weight", (width, heads * head)),
            (at + "attn_k.weight", (width, groups * head)), (at + "attn_v.weight", (width, groups * head)),
            (at + "attn_output.weight", (heads * head, width)), (at + "ffn_gate.weight", (width, shape["feed"])),
            (at + "ffn_up.weight", (width, shape["feed"])), (at + "ffn_down.weight", (shape["feed"], width)),
        ]
        if arch == "qwen3":
            weights += [(at + "attn_q_norm.weight", (head,)), (at + "attn_k_norm.weight", (head,))]
    table, offset = [], 0
    for weight, dimensions in weights:
        number, values, size = TYPES["F32" if len(dimensions) == 1 else kind]
        count = 1
        for one in dimensions:
            count *= one
        table.append(text(weight) + struct.pack("<I%dQIQ" % len(dimensions), len(dimensions), *dimensions, number, offset))
        offset += (count // values * size + 31) // 32 * 32
    head_bytes = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(facts)) + b"".join(facts) + b"".join(table)
    with open(path, "wb") as file:
        file.write(head_bytes)
        file.truncate((len(head_bytes) + 31) // 32 * 32 + offset)


QWEN = {"arch": "qwen3", "width": 1024, "layers": 28, "heads": 16, "groups": 8, "head": 128, "feed": 3072, "vocabulary": 151936, "context": 40960}
TINY = {"arch": "llama", "width": 512, "layers": 8, "heads": 8, "groups": 2, "head": 64, "feed": 1536, "vocabulary": 8192, "context": 2048}


class Hub:
    """The stand-in for the Hub, with two repositories of GGUF files."""

    def __init__(self, folder):
        for repository, name, shape, kinds in (
            ("org/Qwen3-0.6B-GGUF", "Qwen3 0.6b", QWEN, {"BF16": "BF16", "Q8_0": "Q8_0", "Q4_K_M": "Q4_K"}),
            ("org/tiny-GGUF", "Tiny", TINY, {"Q8_0": "Q8_0", "Q4_K_M": "Q4_K"}),
        ):
            place = os.path.join(folder, repository)
            os.makedirs(place)
            for label, kind in kinds.items():
                gguf("%s/%s-%s.gguf" % (place, repository.split("/")[1][:-5], label), name, shape, kind)
        self.server = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "hub-server"), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.environment = {"HF_ENDPOINT": json.loads(self.server.stdout.readline())["hub"]}

    def control(self, what, body):
        """Tells the stand-in how to be (see hub-server)."""
        connection = http.client.HTTPConnection(self.environment["HF_ENDPOINT"].removeprefix("http://"), timeout=10)
        connection.request("POST", "/" + what, json.dumps(body))
        connection.getresponse().read()

    def slow(self, words, rate):
        """Sends files whose address has the words at so many bytes a second; all of them at full speed where rate is 0."""
        self.control("_reset", {})
        if rate:
            self.control("_faults", [{"port": "cdn", "path": words, "times": 999, "rate": rate}])

    def close(self):
        self.server.stdin.close()
        self.server.wait()


def measured(seed, tpot):
    """A result of `vllm bench serve --save-detailed`, made up: the same for a seed."""
    draw, count = random.Random(seed), 400
    ttfts = [0.2 + 0.02 * draw.random() for _ in range(count)]
    itls = [[tpot * (0.95 + 0.1 * draw.random()) for _ in range(31)] for _ in range(count)]
    ends = [ttft + sum(gaps) for ttft, gaps in zip(ttfts, itls)]
    starts, free = [], [0.0] * 4
    for end in ends:
        slot = free.index(min(free))
        starts.append(free[slot])
        free[slot] += end
    duration = max(free)
    return {
        "date": "20261122-2103%02d" % seed, "backend": "openai-chat", "model_id": "org/model", "tokenizer_id": "org/model",
        "num_prompts": count, "request_rate": "inf", "max_concurrency": 4, "duration": duration, "completed": count,
        "total_input_tokens": 128 * count, "total_output_tokens": 32 * count, "request_throughput": count / duration,
        "output_throughput": 32 * count / duration, "mean_ttft_ms": 1000 * sum(ttfts) / count, "input_lens": [128] * count,
        "output_lens": [32] * count, "ttfts": ttfts, "itls": itls, "start_times": starts, "generated_texts": [""] * count,
        "errors": [""] * count,
    }


def add_runs(program, home, environment):
    """Two runs of one server, the later one slower."""
    for seed, tpot in ((1, 0.0125), (2, 0.0175)):
        path = os.path.join(home, "run-%d.json" % seed)
        with open(path, "w") as file:
            json.dump(measured(seed, tpot), file)
        subprocess.run([program, "runs", "import", path], env=environment, stdout=subprocess.DEVNULL, check=True)


def add_short_runs(program, home, count):
    """Stores so many runs."""
    files = []
    for seed in range(count):
        run = measured(seed, 0.0125)
        run["date"] = "20261122-%02d%02d%02d" % (seed // 3600, seed // 60 % 60, seed % 60)
        for name in ("input_lens", "output_lens", "ttfts", "itls", "start_times", "generated_texts", "errors"):
            run[name] = run[name][:20]
        run.update(num_prompts=20, completed=20)
        files.append(os.path.join(home, "run-%d.json" % seed))
        with open(files[-1], "w") as file:
            json.dump(run, file)
    environment = {**os.environ, "HOME": home, "PLIMSOLL_HOME": os.path.join(home, "plimsoll")}
    for first in range(0, count, 100):
        subprocess.run([program, "runs", "import", *files[first : first + 100]], env=environment, stdout=subprocess.DEVNULL)


def add_demo(program, home):
    """The engine and the models that `engines install llama.cpp` and `demo-models` brought; False where they are not here."""
    found = {}
    for part in ("llama.cpp", "demo-models"):
        done = subprocess.run([program, "engines", "path", part], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if done.returncode != 0 or not os.path.exists(done.stdout.strip()):
            return False
        found[part] = done.stdout.strip()
    data = os.path.join(home, "plimsoll", "data")
    os.makedirs(os.path.join(data, "engines"), mode=0o700, exist_ok=True)
    engine = found["llama.cpp"]
    while os.path.basename(os.path.dirname(engine)) != "engines":
        engine = os.path.dirname(engine)
        if engine == "/":
            return False
    shutil.copytree(engine, os.path.join(data, "engines", os.path.basename(engine)), symlinks=True)
    os.makedirs(os.path.join(data, "models"), mode=0o700)
    for name in os.listdir(found["demo-models"]):
        if name.endswith(".gguf"):
            shutil.copy(os.path.join(found["demo-models"], name), os.path.join(data, "models"))
    return True
