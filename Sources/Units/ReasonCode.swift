/// A stable name for why something was refused, chosen, doubted or failed; printed with its sentence and kept in JSON.
///
/// The raw value is what other programs read: lower-case words joined by hyphens, which never change their meaning once
/// released. Decoding a name that this version does not know gives `unrecognized`; `Reason` keeps the name itself.
public enum ReasonCode: String, Hashable, Sendable, Codable, CaseIterable {
  // MARK: The command line

  case failed  // something unforeseen went wrong
  case interrupted  // the user or a signal stopped it before its end
  case wrongUsage = "wrong-usage"  // the command line is not understood
  case unknownCommand = "unknown-command"  // there is no command of that name
  case outputNotWritten = "output-not-written"  // standard output did not take the answer
  case noSuchFile = "no-such-file"  // a file that was named is not there
  case dataMissing = "data-missing"  // the folders that belong to the program are not beside it
  case missingFile = "missing-file"  // a file that was named cannot be read
  case notAFile = "not-a-file"  // what was named is a folder or a device
  case unreadableFile = "unreadable-file"  // the system refuses to read a file
  case unwritableFile = "unwritable-file"  // the system refuses to write a file
  case unwritable  // a folder of Plimsoll's cannot be written
  case diskFull = "disk-full"  // no space is left
  case programNotStarted = "program-not-started"  // the system did not start a program
  case exportNotWritable = "export-not-writable"  // the exported file cannot be written
  case reportNotWritable = "report-not-writable"  // a report's file cannot be written
  case badKey = "bad-key"  // an API key holds characters that a header cannot carry
  case keyFileReadable = "key-file-readable"  // others can read the file of a key
  case noAddress = "no-address"  // a target needs an address that was not given
  case targetFailed = "target-failed"  // a command of the target's own tool failed
  case notHere = "not-here"  // this needs the model's file on this machine
  case notThisMachine = "not-this-machine"  // this can only be done on the machine itself

  // MARK: HTTP

  case unreachable  // a host did not answer
  case timedOut = "timed-out"  // a host answered too late
  case answerTooLarge = "answer-too-large"  // an answer is longer than is read
  case requestRefused = "request-refused"  // a request is not one that may be sent

  // MARK: Machines, dumps and profiles

  case ambiguousMachine = "ambiguous-machine"  // a name means several machines
  case unknownMachine = "unknown-machine"  // no catalogue has the machine
  case badMachineLine = "bad-machine-line"  // a machine's description in words is not understood
  case badProfileName = "bad-profile-name"  // a name cannot be a profile's
  case nameTaken = "name-taken"  // something else has that name
  case invalidProfile = "invalid-profile"  // a profile's values contradict each other or the schema
  case notAProfile = "not-a-profile"  // the file is no machine profile
  case profileSchema = "profile-schema"  // the profile has another schema
  case profileTooLarge = "profile-too-large"  // the profile is longer than is read
  case differentMachines = "different-machines"  // files of one dump describe different machines
  case dumpTooLarge = "dump-too-large"  // the dump is longer than is read
  case unreadableDump = "unreadable-dump"  // the dump cannot be read
  case unrecognizedDump = "unrecognized-dump"  // nothing in the dump describes a machine
  case unsupportedDump = "unsupported-dump"  // the dump is of a kind that is not read
  case doubtfulBandwidth = "doubtful-bandwidth"  // other work disturbed the measurement of memory
  case badBinding = "bad-binding"  // a list of CPUs or memory nodes is not understood
  case bindingRefused = "binding-refused"  // the system does not let a program be kept there
  case noTopology = "no-topology"  // libhwloc finds no processors
  case notEnoughMemory = "not-enough-memory"  // too little memory is free to measure with

  // MARK: Model files

  case fileUnreadable = "file-unreadable"  // a model's file cannot be read
  case fileIncomplete = "file-incomplete"  // a model's file ends early
  case fileMalformed = "file-malformed"  // a model's file breaks its format's rules
  case missingKey = "missing-key"  // a model's header lacks what an engine needs
  case incompleteHeader = "incomplete-header"  // a model's header is enough to plan with, not to load
  case unknownModel = "unknown-model"  // no catalogue has a model of that name
  case ambiguousModel = "ambiguous-model"  // a name means several models
  case catalogueName = "catalogue-name"  // a catalogue's name says no file that could be run
  case genericShape = "generic-shape"  // an ordinary shape of a size stands for a model
  case parameterCount = "parameter-count"  // the shapes do not add up to the stated parameters
  case notAModel = "not-a-model"  // the file or folder is no model
  case incompleteFile = "incomplete-file"  // a model's file ends before its last tensor does
  case missingParts = "missing-parts"  // parts of the model are not there
  case notAWholeModel = "not-a-whole-model"  // the file is an adapter, a projector or another part
  case noConfiguration = "no-configuration"  // no config.json is beside the weights
  case customCode = "custom-code"  // the model brings Python code of its own
  case pickle  // the weights are pickles, which can run code
  case pickleImports = "pickle-imports"  // loading the pickle imports unusual names
  case unknownArchitecture = "unknown-architecture"  // the architecture is not known here or to the engine
  case noPredictionLayers = "no-prediction-layers"  // the model has no layers that guess further tokens
  case unsupportedOption = "unsupported-option"  // the engine has no such option
  case unsupportedFormat = "unsupported-format"  // the engine does not read this format
  case unsupportedQuantization = "unsupported-quantization"  // the quantization is not known to the engine
  case importanceMatrixRequired = "importance-matrix-required"  // the quantization needs an importance matrix
  case tooLarge = "too-large"  // a size in a header is beyond any model

  // MARK: The Hub

  case badReference = "bad-reference"  // the text names no model
  case badToken = "bad-token"  // the Hub does not accept the token
  case chooseQuantization = "choose-quantization"  // the repository holds several quantizations
  case noSuchQuantization = "no-such-quantization"  // the repository has no such quantization
  case fileChanged = "file-changed"  // a file changed on the server while it was read
  case fileNotFound = "file-not-found"  // the repository has no such file
  case gatedRepository = "gated-repository"  // the owner asks for consent first
  case repositoryDisabled = "repository-disabled"  // the Hub has disabled the repository
  case repositoryNotFound = "repository-not-found"  // there is no such repository, or it is private
  case revisionNotFound = "revision-not-found"  // the repository has no such revision
  case hashMismatch = "hash-mismatch"  // bytes are not those that their hash names
  case hubFailed = "hub-failed"  // the Hub answered with an error
  case hubProtocol = "hub-protocol"  // the server does not answer as a Hub does
  case hubUnreachable = "hub-unreachable"  // the Hub did not answer
  case rateLimited = "rate-limited"  // the host allows no more requests for now
  case notCached = "not-cached"  // the model is not in the cache
  case offline  // the network is not to be used
  case unsafeName = "unsafe-name"  // a name could lead out of its folder, or holds control characters
  case unverifiableDownload = "unverifiable-download"  // an address names no hash
  case downloadNotConfirmed = "download-not-confirmed"  // nobody agreed to the download
  case nothingToFetch = "nothing-to-fetch"  // the path is none of the repository's files

  // MARK: What fits

  case fits  // the upper estimate fits
  case tightFit = "tight-fit"  // the estimate fits, but its upper end does not
  case aboveWorkingSet = "above-working-set"  // it loads, but pages
  case insufficientMemory = "insufficient-memory"  // it does not fit
  case insufficientDevices = "insufficient-devices"  // there are too few devices for the servers asked for
  case unknownMemory = "unknown-memory"  // the size of a memory is not known
  case unknownHostMemory = "unknown-host-memory"  // the size of the host's memory is not known
  case unknownWeights = "unknown-weights"  // the size of the weights is not known
  case unknownModelShape = "unknown-model-shape"  // the model's layers are not known
  case unknownBandwidth = "unknown-bandwidth"  // a bandwidth is not known, so neither is the speed
  case unknownCapability = "unknown-capability"  // the accelerators' instruction set is not known
  case unknownDevice = "unknown-device"  // a device that was named is not there
  case nothingToPlan = "nothing-to-plan"  // there is no option to judge
  case noEngine = "no-engine"  // no engine runs this model on this machine
  case notConsidered = "not-considered"  // it is only considered when asked for
  case unsupported  // it is not judged
  case beyondTrainedContext = "beyond-trained-context"  // the context is longer than the model was trained for
  case requestLongerThanSlot = "request-longer-than-slot"  // a request is longer than one slot's context
  case moreThreadsThanProcessors = "more-threads-than-processors"  // more threads than there are processors
  case fractionalKVMemory = "fractional-kv-memory"  // the cache is only taken in whole GiB

  // MARK: What an engine can run

  case wrongAccelerator = "wrong-accelerator"  // the engine has no build for this accelerator
  case wrongProcessor = "wrong-processor"  // the engine has no build for this processor
  case gpuTooOld = "gpu-too-old"  // the accelerator is older than the engine supports
  case noBF16 = "no-bf16"  // the accelerator has no bf16 arithmetic
  case noAppleGPU = "no-apple-gpu"  // the engine is made for Apple's GPU, and there is none
  case slowProcessor = "slow-processor"  // the processor lacks instructions that the engine wants
  case slowKernel = "slow-kernel"  // the format runs on a slower path on this accelerator
  case unlistedKernel = "unlisted-kernel"  // no document says that the format runs on this accelerator
  case tooSlowOnCPU = "too-slow-on-cpu"  // the format is unusably slow without an accelerator
  case allInMemory = "all-in-memory"  // nothing can be left in the host's memory
  case ggufOnly = "gguf-only"  // the engine reads GGUF alone
  case oneProcess = "one-process"  // the engine does not span machines safely
  case oneNodeEngine = "one-node-engine"  // the engine does not span machines
  case containerOnly = "container-only"  // the engine is delivered as a container image
  case noContainer = "no-container"  // the engine does not run in a container
  case noEmbeddings = "no-embeddings"  // the engine serves generated text alone
  case embeddingModel = "embedding-model"  // the model gives embeddings, no tokens
  case reranker  // the model scores pairs, and gives no tokens
  case noProjector = "no-projector"  // the projector for images is missing
  case foreignAdapter = "foreign-adapter"  // an adapter is another model's, or in another engine's form
  case foreignProjector = "foreign-projector"  // a projector beside the model is another's
  case visionProjector = "vision-projector"  // images go through a projector beside the model
  case visionNative = "vision-native"  // the engine serves the model's images too
  case visionApart = "vision-apart"  // another server of the engine serves the model's images
  case healthIsConstant = "health-is-constant"  // the engine calls itself healthy before it can answer
  case notForProduction = "not-for-production"  // the engine's authors advise against production
  case slowStart = "slow-start"  // the engine compiles for minutes at each start
  case olderBase = "older-base"  // the build follows its parent project at a distance
  case betterQuantization = "better-quantization"  // a quantization of the engine's own is faster
  case oldWeightTypes = "old-weight-types"  // an old build numbers weight types differently
  case unsupportedConfiguration = "unsupported-configuration"  // the engine refuses the settings
  case unsupportedContext = "unsupported-context"  // the engine cannot make this context
  case unsupportedKVType = "unsupported-kv-type"  // the engine has no such cache type
  case kvTypesDiffer = "kv-types-differ"  // keys and values must have the same cache type
  case quantizedValuesNeedFlashAttention = "quantized-values-need-flash-attention"  // as it says
  case unsupportedSplit = "unsupported-split"  // the engine cannot cut the model over devices so
  case unsupportedParallelism = "unsupported-parallelism"  // the engine has no such degrees of parallelism
  case draftVocabulary = "draft-vocabulary"  // the draft has another vocabulary than the model
  case draftNotUsed = "draft-not-used"  // the build would not use the draft model

  // MARK: Choice of the engine and the quantization

  case ampereBuild = "ampere-build"  // Ampere's build is the faster one on Ampere's processors
  case appleNative = "apple-native"  // MLX is made for Apple's GPUs
  case cpuBuild = "cpu-build"  // the engine's build for processors is a separate one
  case ggufNative = "gguf-native"  // llama.cpp is made for GGUF
  case safetensorsOnCPU = "safetensors-on-cpu"  // the engine that serves safetensors on a processor
  case serverBatches = "server-batches"  // the engine serves safetensors in batches
  case rankedLower = "ranked-lower"  // another engine is preferred
  case bestQualityThatFits = "best-quality-that-fits"  // the best quality that fits
  case smallerCacheType = "smaller-cache-type"  // the KV cache is kept in fewer bits than usual
  case shorterContext = "shorter-context"  // less context than usual, so that it fits
  case fewerSlots = "fewer-slots"  // fewer requests at once than were planned for
  case belowMinimumSpeed = "below-minimum-speed"  // slower than the objective's least tokens a second
  case notOnAccelerators = "not-on-accelerators"  // part of it lies in the host's memory, which was ruled out
  case pointlessRequantization = "pointless-requantization"  // requantizing would add loss and save nothing

  // MARK: Layout

  case fitsOneDevice = "fits-one-device"  // the model and its cache fit on one device
  case unifiedMemory = "unified-memory"  // the accelerator shares the processor's memory
  case layerSplit = "layer-split"  // the layers are spread over devices
  case layersOnCPU = "layers-on-cpu"  // some layers stay in the host's memory
  case expertsOnCPU = "experts-on-cpu"  // some experts stay in the host's memory
  case tensorParallel = "tensor-parallel"  // each layer is cut over devices with fast links
  case tensorParallelOverPcie = "tensor-parallel-over-pcie"  // each layer is cut over devices without fast links
  case expertParallel = "expert-parallel"  // the experts are spread over devices
  case dataParallelAttention = "data-parallel-attention"  // separate attention on each rank, experts shared by all
  case expertDegree = "expert-degree"  // the experts cannot be spread so
  case pipelineAcrossIslands = "pipeline-across-islands"  // the layers are spread over groups of linked devices
  case replicas  // several servers, each with a copy of the model
  case copiesAsked = "copies-asked"  // as many servers as were asked for
  case headsDoNotDivide = "heads-do-not-divide"  // the attention heads cannot be cut so
  case kvHeadsDoNotDivide = "kv-heads-do-not-divide"  // the key-value heads cannot be cut so
  case visionHeadsDoNotDivide = "vision-heads-do-not-divide"  // the vision encoder's heads cannot be cut so
  case blocksDoNotDivide = "blocks-do-not-divide"  // the quantization's blocks cannot be cut so
  case gpuCount = "gpu-count"  // the layout needs another number of devices
  case moreStagesThanLayers = "more-stages-than-layers"  // the pipeline has more stages than the model has layers
  case tooManyNodes = "too-many-nodes"  // more machines than the model has layers
  case insufficientNodes = "insufficient-nodes"  // the cluster has too few machines
  case noAccelerator = "no-accelerator"  // there is no accelerator
  case engineWithoutAccelerator = "engine-without-accelerator"  // the engine is built for processors alone
  case noModelAtHand = "no-model-at-hand"  // no model is installed to measure with
  case oneNode = "one-node"  // the processors share one memory
  case bindToNode = "bind-to-node"  // one server is bound to one NUMA node
  case oneServerPerNode = "one-server-per-node"  // one server for each NUMA node
  case severalServersPerNode = "several-servers-per-node"  // several servers for each NUMA node
  case interleave  // the memory is interleaved over NUMA nodes
  case threadsAsked = "threads-asked"  // the threads that were asked for
  case threadsOfPlace = "threads-of-place"  // the threads of the server's place
  case fewerThreadsAreFaster = "fewer-threads-are-faster"  // fewer threads decode faster

  // MARK: Speed

  case boundByMemoryBandwidth = "bound-by-memory-bandwidth"  // decode waits for the weights
  case boundByCompute = "bound-by-compute"  // decode waits for arithmetic
  case boundByHostMemory = "bound-by-host-memory"  // decode waits for weights in the host's memory
  case boundByCache = "bound-by-cache"  // decode waits for the KV cache
  case boundByLink = "bound-by-link"  // decode waits for the links between devices
  case boundByOverhead = "bound-by-overhead"  // decode waits for launches and scheduling
  case loadBoundByMemoryBandwidth = "load-bound-by-memory-bandwidth"  // decode under load waits for the weights
  case loadBoundByCompute = "load-bound-by-compute"  // decode under load waits for arithmetic
  case loadBoundByHostMemory = "load-bound-by-host-memory"  // decode under load waits for weights in the host's memory
  case loadBoundByCache = "load-bound-by-cache"  // decode under load waits for the KV cache
  case loadBoundByLink = "load-bound-by-link"  // decode under load waits for the links between devices
  case loadBoundByOverhead = "load-bound-by-overhead"  // decode under load waits for launches and scheduling
  case loadBoundByPrompts = "load-bound-by-prompts"  // decode under load waits for other requests' prompts
  case prefillBoundByCompute = "prefill-bound-by-compute"  // prefill waits for arithmetic
  case prefillBoundByMemoryBandwidth = "prefill-bound-by-memory-bandwidth"  // prefill waits for the weights
  case firstTokenBoundByPrompt = "first-token-bound-by-prompt"  // the first token waits for its own prompt
  case firstTokenBoundByQueue = "first-token-bound-by-queue"  // the first token waits for other prompts
  case firstTokenBoundByMemory = "first-token-bound-by-memory"  // the first token waits for free memory
  case firstTokenBoundByOverhead = "first-token-bound-by-overhead"  // the first token waits for scheduling
  case layerSplitHoldsMore = "layer-split-holds-more"  // a layer split adds memory, not speed
  case splitSpeedAssumed = "split-speed-assumed"  // the speed of a split was not measured
  case hostBandwidthAssumed = "host-bandwidth-assumed"  // the host's memory bandwidth is assumed
  case linkBandwidthAssumed = "link-bandwidth-assumed"  // a link's bandwidth is assumed
  case backendAssumed = "backend-assumed"  // which backend the engine is built with is assumed
  case graphsAssumed = "graphs-assumed"  // the speed is that with captured graphs
  case peakRateAssumed = "peak-rate-assumed"  // a peak rate is assumed
  case speculationGains = "speculation-gains"  // the draft makes it faster
  case speculationLoses = "speculation-loses"  // the draft makes it slower

  // MARK: Sizing

  case nothingHoldsTheLoad = "nothing-holds-the-load"  // no machine holds the load
  case tooSlow = "too-slow"  // the latency goals are missed
  case tooManyBoxes = "too-many-boxes"  // more machines than are allowed are needed
  case unknownQuantization = "unknown-quantization"  // the quantization has no known size
  case ambiguousPrice = "ambiguous-price"  // a price that was given could be for several machines
  case unusedPrice = "unused-price"  // a price that was given matches no machine

  // MARK: Deployment

  case addressInUse = "address-in-use"  // the port is taken
  case badHost = "bad-host"  // the text is no address
  case notThisHost = "not-this-host"  // the address is not this machine's
  case badPortRange = "bad-port-range"  // the text is no range of ports
  case onePort = "one-port"  // several servers cannot share one port
  case noAPIKey = "no-api-key"  // the engine cannot demand a key
  case badConfiguration = "bad-configuration"  // the configuration file is not understood
  case badName = "bad-name"  // the text cannot be a deployment's name
  case badPlan = "bad-plan"  // the file is no plan
  case noPlan = "no-plan"  // the deployment's record holds no plan
  case noLaunch = "no-launch"  // the option has no launch command
  case otherModel = "other-model"  // the plan is for another model
  case otherNodes = "other-nodes"  // the plan is for another number of machines
  case oneNodeTarget = "one-node-target"  // the target starts servers of one machine alone
  case processOnly = "process-only"  // this is for processes alone
  case unknownDeployment = "unknown-deployment"  // there is no such deployment
  case unknownTarget = "unknown-target"  // the text is neither an address nor a deployment
  case notStopped = "not-stopped"  // the server still runs after every signal
  case modelChanged = "model-changed"  // the model's files changed after they were planned
  case pickleWeights = "pickle-weights"  // pickled weights need consent
  case remoteCode = "remote-code"  // the model's own code needs consent
  case engineNotFound = "engine-not-found"  // the engine's program is not there
  case unsafeProgram = "unsafe-program"  // another user could have put a program where it is
  case openFilesLimit = "open-files-limit"  // the shell allows a server or a benchmark too few open files
  case engineBroken = "engine-broken"  // the engine's program does not start
  case notTheEngine = "not-the-engine"  // the program is another one
  case unknownBuild = "unknown-build"  // the engine's build is not known
  case knownFault = "known-fault"  // this build has a known fault
  case knownHole = "known-hole"  // this build has a known security hole
  case unknownEngine = "unknown-engine"  // there is no recipe for the engine
  case installationFailed = "installation-failed"  // the installation failed
  case packageNotAvailable = "package-not-available"  // a package cannot be fetched
  case pythonMissing = "python-missing"  // Python is not there

  // MARK: Failures of a server

  case badModelFile = "bad-model-file"  // the engine cannot read the model
  case driverError = "driver-error"  // the driver failed or does not suit the engine
  case missingInstruction = "missing-instruction"  // the processor lacks an instruction that was used
  case missingLibrary = "missing-library"  // a shared library or module is missing
  case unknownFlag = "unknown-flag"  // the build does not know a flag
  case outOfMemory = "out-of-memory"  // memory ran out while it served
  case outOfMemoryAtLoad = "out-of-memory-at-load"  // memory ran out while it loaded
  case engineCrashed = "engine-crashed"  // the server died while it loaded
  case engineEnded = "engine-ended"  // the server ended for no stated reason
  case neverAnswered = "never-answered"  // the server never answered a request

  // MARK: Ray

  case notARayCluster = "not-a-ray-cluster"  // the address does not answer as Ray does
  case clusterRefused = "cluster-refused"  // the cluster refused a request
  case clusterUnreachable = "cluster-unreachable"  // the cluster did not answer
  case rayTooOld = "ray-too-old"  // the cluster's Ray is too old
  case tokenRefused = "token-refused"  // the cluster refuses the token

  // MARK: Measuring

  case serverUnreachable = "server-unreachable"  // the server did not answer
  case noModelListed = "no-model-listed"  // the server lists no model
  case noLayers = "no-layers"  // a model does not say its layers, so it cannot be sized
  case noWebPage = "no-web-page"  // the engine has no web page of its own
  case noChatTemplate = "no-chat-template"  // the model's file does not say how a conversation is written
  case noTokens = "no-tokens"  // the model generates no tokens to measure
  case noResources = "no-resources"  // too few file descriptors or threads
  case badDataset = "bad-dataset"  // the data set is not understood
  case oneClient = "one-client"  // turns are taken by one client alone
  case oneLoad = "one-load"  // a comparison takes one load alone
  case noNativeBenchmark = "no-native-benchmark"  // the engine has no benchmark program of its own
  case nativeBenchmarkFailed = "native-benchmark-failed"  // the engine's own benchmark failed
  case nativeOutputUnreadable = "native-output-unreadable"  // the own benchmark's output is not understood
  case selftestFailed = "selftest-failed"  // the load generator failed its own test
  case calibration  // the run was made for calibration
  case goalMissed = "goal-missed"  // a latency goal was missed
  case regression  // a run is slower than the one before

  // MARK: Validity of a run

  case tooFewSamples = "too-few-samples"  // too few requests for the figure
  case nothingMeasured = "nothing-measured"  // no request was completed
  case tooManyErrors = "too-many-errors"  // too many requests failed
  case requestsUnanswered = "requests-unanswered"  // requests were still open at the end
  case requestsLost = "requests-lost"  // requests could not be stored
  case serverFailed = "server-failed"  // one request after another failed
  case clientStalled = "client-stalled"  // the load generator was stopped, suspended or starved
  case streamBuffered = "stream-buffered"  // something between server and client held events back
  case streamLeftOpen = "stream-left-open"  // the server kept connections open after its answers
  case reasoningHidden = "reasoning-hidden"  // reasoning is counted and not streamed
  case usageImplausible = "usage-implausible"  // the server's token counts cannot be right
  case requestsResent = "requests-resent"  // the server closed connections with requests on them
  case rowsSkipped = "rows-skipped"  // rows of the data set hold no prompt
  case clientLate = "client-late"  // the load generator was late
  case environmentChanged = "environment-changed"  // the machine changed during the run
  case machineBusy = "machine-busy"  // other programs used the processors
  case throttled  // the processor became hot and slow
  case cacheWarm = "cache-warm"  // the server had prompts cached
  case templateCached = "template-cached"  // the chat template's prefix was cached
  case lengthsDiffer = "lengths-differ"  // answers have other lengths
  case tokensSpread = "tokens-spread"  // chunks hold unknown numbers of tokens
  case tokensUncounted = "tokens-uncounted"  // the server gives no token counts
  case blocksUnused = "blocks-unused"  // blocks of a comparison could not be used
  case clocksDiffer = "clocks-differ"  // the shards began at different times
  case clocksUnsure = "clocks-unsure"  // a shard's clock may be wrong
  case shardInvalid = "shard-invalid"  // a shard is not valid
  case shardMissing = "shard-missing"  // a shard is missing
  case importedFigures = "imported-figures"  // the figures are another program's
  case importedInvalid = "imported-invalid"  // the run was not valid where it was measured

  // MARK: Stored runs

  case noSuchRun = "no-such-run"  // there is no such run
  case ambiguousRun = "ambiguous-run"  // the identifier means several runs
  case runAlreadyStored = "run-already-stored"  // the run is already stored
  case runStillRunning = "run-still-running"  // the run is still being measured
  case invalidRun = "invalid-run"  // the run is not valid
  case sameRun = "same-run"  // a run was to be compared with itself
  case tooFewRuns = "too-few-runs"  // too few runs to compare
  case nothingCompared = "nothing-compared"  // the runs have no load in common
  case modelsDiffer = "models-differ"  // the runs measured different models
  case workloadDiffers = "workload-differs"  // the runs asked for different lengths or texts
  case undecided  // the difference lies within the noise
  case exportRefused = "export-refused"  // the form cannot hold the run
  case importRefused = "import-refused"  // the file cannot be imported
  case mergeRefused = "merge-refused"  // the shards cannot be merged
  case databaseBusy = "database-busy"  // another process holds the database
  case databaseTooSlow = "database-too-slow"  // requests ended faster than they could be stored
  case databaseDamaged = "database-damaged"  // the database cannot be read
  case databaseNewer = "database-newer"  // a later version wrote the database
  case databaseNotOurs = "database-not-ours"  // the database is another program's
  case databaseNotWritable = "database-not-writable"  // the database cannot be written

  // MARK: Records of other versions

  case unrecognized  // the name is none of these

  public init(from decoder: any Decoder) throws {
    self = ReasonCode(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .unrecognized
  }
}

extension ReasonCode: CustomStringConvertible {
  public var description: String { rawValue }
}
