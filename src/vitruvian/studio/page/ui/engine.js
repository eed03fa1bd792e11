/**
 * Engine: what finds people for the page. One is the server; another may run in the page itself.
 *
 * @typedef {import("./types.js").Info} Info
 * @typedef {import("./types.js").Job} Job
 * @typedef {import("./types.js").LiveSource} LiveSource
 * @typedef {import("./types.js").LiveState} LiveState
 * @typedef {import("./types.js").MediaFile} MediaFile
 * @typedef {import("./types.js").PersonRepetitions} PersonRepetitions
 * @typedef {import("./types.js").Repetition} Repetition
 * @typedef {import("./types.js").Result} Result
 * @typedef {import("./types.js").TrackerOptions} TrackerOptions
 *
 * @typedef {object} Engine
 * @property {string} name for people: "server"
 * @property {() => Promise<Info>} info
 * @property {(request: LiveRequest, events: LiveEvents) => Promise<LiveSession>} openLive
 * @property {(file: File, onProgress: (share: number) => void, signal: AbortSignal) => Promise<MediaFile>} openFile
 * @property {() => Promise<MediaFile>} openDemo the clip that comes with the engine
 * @property {(file: string) => Promise<void>} closeFile frees it; its jobs stop
 * @property {(file: MediaFile, options: TrackerOptions) => Promise<Job>} track
 * @property {(file: MediaFile, results: MediaFile) => Promise<Job>} attach a job that is done: results made before
 * @property {(id: string) => Promise<Job>} job
 * @property {(job: string, onResults: (results: Result[]) => void, signal: AbortSignal) => Promise<void>} results
 *   as they come, until the job ends
 * @property {(job: string, place: number) => Promise<ImageBitmap>} mask of one result
 * @property {(job: string) => Promise<void>} stopJob the results so far stay
 * @property {(job: string, exercise: string) => Promise<PersonRepetitions[]>} repetitions
 * @property {(job: string, name: "angles.csv"|"report.html", exercise: string) => string} measureUrl of a file to download
 *
 * @typedef {object} LiveRequest
 * @property {LiveSource} source
 * @property {TrackerOptions} options
 * @property {string} exercise "" for none
 *
 * @typedef {object} LiveResult
 * @property {number} seq number of the frame, as pushed or as sent with a picture of the server
 * @property {Result} result
 * @property {Repetition[]} repetitions
 * @property {LiveTimes} t
 *
 * When a frame was received, decoded, tracked, and its result sent by the engine and received by the
 * page; ms of the page's clock, `performance.now()`.
 * @typedef {Record<"recv"|"decode0"|"decode1"|"track1"|"send"|"arrived", number>} LiveTimes
 *
 * @typedef {object} LiveEvents
 * @property {(ready: {model: string, options: TrackerOptions}) => void} onReady also after a change of
 *   options, and when a lost connection is back; the next H.264 frame must then be a key frame
 * @property {(result: LiveResult) => void} onResult
 * @property {(seqs: number[]) => void} onDropped frames that will get no result
 * @property {(seq: number, image: ImageBitmap, capture_ms: number) => void} onPicture of a camera of the server,
 *   before the result; the page's clock
 * @property {(seq: number, mask: ImageBitmap) => void} onMask before its result
 * @property {(state: LiveState) => void} onState
 * @property {(error: {code: string, message: string, hint: string}) => void} onError with the code `recording_failed`
 *   the recording is over
 * @property {() => void} onInterrupted the engine is lost, and so are all unanswered frames; `onReady` follows
 * @property {() => void} onClose the session is over and won't come back
 *
 * A frame on its way to the engine; `data` is a JPEG, or H.264 in Annex B.
 * @typedef {object} EncodedFrame
 * @property {number} seq
 * @property {number} capture_ms
 * @property {number} width
 * @property {number} height
 * @property {"jpeg"|"h264"} codec
 * @property {boolean} isKey
 * @property {ArrayBuffer} data
 *
 * @typedef {object} LiveSession
 * @property {(frame: EncodedFrame) => void} push
 * @property {(options: TrackerOptions) => void} setOptions
 * @property {(exercise: string) => void} setExercise
 * @property {() => void} pause
 * @property {() => void} resume
 * @property {() => void} reset
 * @property {(on: boolean) => Promise<{file: MediaFile, job: string} | null>} record the recording, when it ends;
 *   null if there is none, which `onError` has told
 * @property {() => void} close no events come after it
 */

export {};
