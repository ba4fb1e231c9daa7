/// The program that makes a `llama-server` of the xllamacpp wheel, which carries llama.cpp's server as a library.
///
/// It takes the flags that `LlamaCpp.launch` writes under the names that llama-server gives them, and no others: an
/// unknown flag ends it, as it would end the original.
enum LlamaServerProgram {
  static let source = #"""
    """llama-server over the xllamacpp wheel: the flags that Plimsoll writes, nothing else."""
    import argparse
    import os
    import signal
    import sys
    import threading


    def options():
        parser = argparse.ArgumentParser(prog="llama-server", allow_abbrev=False)
        parser.add_argument("--version", action="store_true")
        parser.add_argument("--list-devices", action="store_true")
        for names, kind in [
            (("-m", "--model"), str), (("-a", "--alias"), str), (("--host",), str), (("--port",), int),
            (("--api-key-file",), str), (("-c", "--ctx-size"), int), (("-np", "--parallel"), int),
            (("-b", "--batch-size"), int), (("-ub", "--ubatch-size"), int), (("-t", "--threads"), int),
            (("-tb", "--threads-batch"), int), (("--poll",), int), (("--threads-http",), int), (("-ctk", "--cache-type-k"), str),
            (("-ctv", "--cache-type-v"), str), (("-fa", "--flash-attn"), str), (("-lm", "--load-mode"), str),
            (("-cram", "--cache-ram"), int), (("-fit", "--fit"), str), (("--numa",), str), (("-ngl", "--n-gpu-layers"), str),
            (("-sm", "--split-mode"), str), (("-ts", "--tensor-split"), str), (("-dev", "--device"), str),
            (("-mm", "--mmproj"), str), (("-md", "--model-draft"), str), (("-lv", "--verbosity"), int),
            (("--cors-origins",), str), (("--ctx-checkpoints",), int), (("--spec-type",), str),
            (("--spec-draft-n-max",), int), (("-ngld", "--gpu-layers-draft"), int),
        ]:
            parser.add_argument(*names, type=kind, dest=names[-1].lstrip("-").replace("-", "_"))
        parser.add_argument("-ot", "--override-tensor", action="append", default=[])
        parser.add_argument("--lora", action="append", default=[])
        for name in ["kv-unified", "swa-full", "metrics", "offline", "no-webui", "no-warmup"]:
            parser.add_argument("--" + name, action="store_true")
        parser.add_argument("--embeddings", "--embedding", action="store_true")
        parser.add_argument("--reranking", "--rerank", action="store_true")
        parser.add_argument("--pooling", choices=["none", "mean", "cls", "last", "rank"])
        parser.add_argument("--no-kv-unified", action="store_true")
        parser.add_argument("--no-mmap", action="store_true")
        parser.add_argument("--n-cpu-moe", type=int, default=0)
        return parser.parse_args()


    def enumeration(kind, prefix, name):
        return getattr(kind, prefix + name.upper())


    def overrides(o):
        experts = ["blk\\.%d\\.ffn_(up|down|gate)_(ch|)exps=CPU" % layer for layer in range(o.n_cpu_moe)]
        return ",".join(o.override_tensor + experts)


    def parameters(x, o):
        p = x.CommonParams()
        p.model.path = o.model or ""
        plain = {
            "port": o.port, "n_ctx": o.ctx_size, "n_parallel": o.parallel, "n_batch": o.batch_size, "n_ubatch": o.ubatch_size,
            "n_threads_http": o.threads_http, "cache_ram_mib": o.cache_ram, "verbosity": o.verbosity,
            "cors_origins": o.cors_origins, "n_ctx_checkpoints": o.ctx_checkpoints, "tensor_buft_overrides": overrides(o) or None,
        }
        for name, value in plain.items():
            if value is not None:
                setattr(p, name, value)
        p.kv_unified, p.swa_full, p.endpoint_metrics, p.offline = o.kv_unified, o.swa_full, o.metrics, o.offline
        p.ui, p.warmup = not o.no_webui, not o.no_warmup
        if o.host:
            p.hostnames = [o.host]
        if o.alias:
            p.model_alias = {o.alias}
        if o.api_key_file:
            with open(o.api_key_file) as keys:
                p.api_keys = [line.strip() for line in keys if line.strip() and not line.startswith("#")]
        draft = p.speculative.draft
        for threads, count in [
            (p.cpuparams, o.threads), (p.cpuparams_batch, o.threads_batch or o.threads), (draft.cpuparams, o.threads),
            (draft.cpuparams_batch, o.threads_batch or o.threads),
        ]:
            if count is not None:
                threads.n_threads = count
            if o.poll is not None:
                threads.poll = o.poll
        if o.cache_type_k:
            p.cache_type_k = enumeration(x.ggml_type, "GGML_TYPE_", o.cache_type_k)
        if o.cache_type_v:
            p.cache_type_v = enumeration(x.ggml_type, "GGML_TYPE_", o.cache_type_v)
        if o.flash_attn:
            words = {"on": "ENABLED", "off": "DISABLED", "auto": "AUTO"}
            p.flash_attn_type = enumeration(x.llama_flash_attn_type, "LLAMA_FLASH_ATTN_TYPE_", words[o.flash_attn])
        p.embedding = o.embeddings or o.reranking
        if o.pooling or o.reranking:
            kind = "rank" if o.reranking else o.pooling
            p.pooling_type = enumeration(x.llama_pooling_type, "LLAMA_POOLING_TYPE_", kind)
        if o.no_mmap:
            p.load_mode = x.llama_load_mode.LLAMA_LOAD_MODE_NONE
        if o.load_mode:
            words = {"dio": "DIRECT_IO", "mmap+mlock": "MMAP_MLOCK"}
            p.load_mode = enumeration(x.llama_load_mode, "LLAMA_LOAD_MODE_", words.get(o.load_mode, o.load_mode))
        if o.fit:
            p.fit_params = o.fit == "on"
        if o.numa:
            p.numa = enumeration(x.ggml_numa_strategy, "GGML_NUMA_STRATEGY_", o.numa)
        if o.n_gpu_layers:
            p.n_gpu_layers = {"all": -2, "auto": -1}.get(o.n_gpu_layers) or int(o.n_gpu_layers)
        if o.split_mode:
            p.split_mode = enumeration(x.llama_split_mode, "LLAMA_SPLIT_MODE_", o.split_mode)
        if o.mmproj:
            p.mmproj.path = o.mmproj
        if o.spec_draft_n_max is not None:
            draft.n_max = o.spec_draft_n_max
        if o.model_draft:
            draft.mparams.path = o.model_draft
            if o.gpu_layers_draft is not None:
                draft.n_gpu_layers = o.gpu_layers_draft
        if o.spec_type:
            kind, prefix = x.common_speculative_type, "COMMON_SPECULATIVE_TYPE_"
            p.speculative.types = [enumeration(kind, prefix, name.replace("-", "_")) for name in o.spec_type.split(",")]
        if o.lora:
            p.lora_adapters = [x.CommonAdapterLoraInfo(path, 1.0) for path in o.lora]
        return p


    def main():
        o = options()
        import xllamacpp as x
        if o.version:
            print("version: %s (xllamacpp %s)" % (x.__version__.split(".")[-1], x.__version__))
            return 0
        if o.list_devices:
            for device in x.get_device_info():
                print("  %s: %s" % (device["name"], device["description"]))
            return 0
        done = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: done.set())
        try:
            server = x.Server(parameters(x, o))
        except (RuntimeError, OSError, AttributeError, ValueError) as failure:
            print("llama-server: %s" % failure, file=sys.stderr)
            return 1
        print("listening on", server.listening_address, flush=True)
        while not done.wait(0.2):
            pass
        # The library's own tear-down waits for open streams; the kernel frees everything anyway.
        os._exit(0)


    sys.exit(main())

    """#
}
