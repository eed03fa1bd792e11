/**
 * The types that the modules of the page share; there is no code here.
 *
 * @typedef {[number, number, number]} Point
 *
 * @typedef {object} Roi
 * @property {[number, number]} center image px
 * @property {[number, number]} wh width and height, image px
 * @property {number} rotation rad, clockwise on the screen
 *
 * One person in one frame, as in a `.jsonl` file: `Pose.to_dict` in Python.
 * @typedef {object} Pose
 * @property {number|null} id persistent ID
 * @property {number} score
 * @property {Point[]} landmarks 33 times x, y, z, image px
 * @property {number[]} visibility
 * @property {number[]} presence
 * @property {Point[]} world 33 times x, y, z in metres; y down, z away from the camera
 * @property {Point[]} [camera] the same in camera space, if it is measured
 * @property {Roi} roi
 *
 * One frame, as a line of a `.jsonl` file.
 * @typedef {object} Result
 * @property {number} frame_index
 * @property {number} timestamp_us
 * @property {number} width
 * @property {number} height
 * @property {Pose[]} poses
 *
 * Counts of repetitions, one for each pose of a result, while an exercise is chosen.
 * @typedef {object} Repetition
 * @property {number|null} id of the person
 * @property {number} count
 * @property {number|null} angle_deg
 * @property {string} text
 *
 * What is on the screen: a picture and the result that belongs to it.
 * @typedef {object} Shown
 * @property {CanvasImageSource|null} image null if there is no picture (results without a video)
 * @property {number} width of the picture, px
 * @property {number} height
 * @property {Result|null} result null if this frame has not been tracked
 * @property {ImageBitmap|null} [mask] gray value: place of the person in the result + 1; 0: nobody
 * @property {Repetition[]} [repetitions]
 *
 * What the server says of itself: `GET /api/info`.
 * @typedef {object} Info
 * @property {string} version
 * @property {{name: string, is_present: boolean}[]} models
 * @property {string[]} profiles
 * @property {{name: string, types: string[], low: number|null, high: number|null, choices: string[], text: string}[]} options
 * @property {TrackerOptions} defaults
 * @property {{names: string[], connections: [number, number][], sides: ("left"|"right"|"center")[]}} skeleton
 * @property {{person_colors: Point[], side_colors: Record<string, Point>, min_visibility: number}} style
 * @property {Angle[]} angles
 * @property {Exercise[]} exercises
 * @property {{suffix: string, title: string, draws: boolean, is_motion: boolean, is_available: boolean, extra: string|null}[]} formats
 * @property {{id: string, name: string}[]} cameras of the server
 * @property {{id: string, name: string}[]} folders
 * @property {OpenedInput[]} inputs what the command line opened, and recordings
 * @property {{max_upload: number, allow_urls: boolean}} limits
 *
 * How the angle of a joint is measured: `JointDefinition` in Python.
 * @typedef {object} Angle
 * @property {string} name
 * @property {string} title
 * @property {number[][]} points landmarks of a, b, c, d; the angle is that of b - a and d - c
 * @property {number} offset
 * @property {number} sign
 * @property {[number, number]|null} behind of hips: cosines between which the sign changes
 * @property {number} min_visibility
 *
 * @typedef {object} Exercise
 * @property {string} name
 * @property {string} title
 * @property {string} joint
 * @property {number[][]} points of the left and the right joint, the second is the apex
 * @property {boolean[][]} may_be_hidden which of them are used even if they are not visible
 * @property {number} min_visibility
 * @property {number} low_deg
 * @property {number} high_deg
 * @property {"high"|"low"} rest whether the angle is large or small at rest
 * @property {"mean"|"min"|"max"} sides
 *
 * Repetitions of one person in a recorded clip.
 * @typedef {object} PersonRepetitions
 * @property {number} id
 * @property {number} count without partial ones
 * @property {RepetitionSpan[]} repetitions
 *
 * @typedef {object} RepetitionSpan
 * @property {number} number
 * @property {number} start_us
 * @property {number} turn_us
 * @property {number} end_us
 * @property {number} min_deg
 * @property {number} max_deg
 * @property {number} range_deg
 * @property {number|null} left_deg
 * @property {number|null} right_deg
 * @property {number} down_s
 * @property {number} up_s
 * @property {boolean} is_partial
 *
 * @typedef {{kind: "file", file: MediaFile, job?: string, is_recording: boolean} | {kind: "server", id: string, name: string}} OpenedInput
 *
 * Options of a `PoseTracker` by name: model, num_poses, smoothing, segmentation, ...
 * @typedef {Record<string, any>} TrackerOptions
 *
 * A video or an image that the server holds: `GET /api/files/{id}`.
 * @typedef {object} MediaFile
 * @property {string} id
 * @property {string} name
 * @property {"video"|"image"|"results"} kind "results": poses without a picture
 * @property {number} width
 * @property {number} height
 * @property {number|null} fps
 * @property {number|null} frames
 * @property {number|null} duration_s
 * @property {boolean} is_playable whether browsers are expected to play it; see `proxy`
 * @property {"none"|"running"|"ready"|"failed"} proxy state of the H.264 copy with equal times
 * @property {string} mime
 * @property {string|null} job the results that were opened with the file
 *
 * A job: `GET /api/jobs/{id}`.
 * @typedef {object} Job
 * @property {string} id
 * @property {string} file
 * @property {"queued"|"running"|"done"|"stopped"|"failed"} state
 * @property {number} n_done
 * @property {number|null} n_total
 * @property {number|null} fps
 * @property {number|null} seconds_left
 * @property {string|null} error
 * @property {TrackerOptions} options
 *
 * Where live frames come from.
 * @typedef {{kind: "push"} | {kind: "server", id: string} | {kind: "url", url: string}} LiveSource
 *
 * Once a second from a live session.
 * @typedef {object} LiveState
 * @property {{seen: number, processed: number, dropped: number, unread: number, reconnected: number}} counts
 * @property {{median_ms: number|null, p95_ms: number|null}} latency arrival at the server to result
 * @property {Record<string, number>} stages_ms median time of each stage of the tracker
 * @property {number} sessions number of live sessions on this server
 * @property {boolean} is_lost no frame of a camera or stream of the server has come for more than 2 s
 *
 * Times of one drawn frame in ms; `total` is capture to drawn.
 * @typedef {Record<"encode"|"up"|"wait"|"decode"|"track"|"down"|"draw"|"total"|"total_p95", number>} FrameTimes
 *
 * @typedef {object} Settings
 * @property {boolean} skeleton
 * @property {boolean} landmarks
 * @property {boolean} hidden
 * @property {boolean} box
 * @property {boolean} roi
 * @property {boolean} score
 * @property {boolean} ids
 * @property {boolean} mask
 * @property {boolean} fps
 * @property {boolean} xyz place in camera space beside the head, if it is measured
 * @property {number} minVisibility
 * @property {boolean} mirror
 * @property {boolean} locked draw results on their own picture, not on the newest
 * @property {"auto"|"jpeg"|"h264"} codec
 * @property {"world"|"image"|"mixed"} space of the 3D view
 * @property {boolean} grid
 * @property {boolean} trail
 * @property {boolean} follow
 * @property {number|null} person ID of the person whom trail, charts and table show; null: the first
 * @property {"off"|"oscillate"|"rotate"} spin
 * @property {number} spinSpeed
 * @property {string[]} angles names of the angles in the chart
 * @property {string} exercise "" for none
 * @property {"auto"|"light"|"dark"} theme
 *
 * The state of the page: see `Store`.
 * @typedef {object} State
 * @property {"empty"|"live"|"recorded"} mode
 * @property {string} title name of the file or the camera
 * @property {TrackerOptions} options
 * @property {Settings} settings
 * @property {Shown|null} shown
 * @property {number} historyVersion grows whenever `app.history` has new results
 * @property {LiveState|null} liveState
 * @property {FrameTimes|null} times medians of the last frames, live only
 * @property {number} fps drawn frames per second
 * @property {{id: string, name: string}[]} cameras of the browser, for `startCamera`
 * @property {boolean} isBusy a model is being opened, a file uploaded
 * @property {boolean} isRecording
 * @property {boolean} isPaused live: frozen; recorded: not playing
 * @property {MediaFile|null} file
 * @property {Job|null} job
 * @property {number} time_us position of the play head; live: of the newest result
 * @property {{start_us: number, end_us: number}|null} loop
 * @property {number} speed
 * @property {{name: string, share: number}|null} upload a file on its way to the server
 * @property {number[]|null} frameTimes_us recorded: presentation time of each frame
 * @property {PersonRepetitions[]|null} repetitions recorded, with an exercise chosen
 * @property {number|null} highlight landmark that is marked in the picture
 *
 * What users can do, from buttons and keys alike. Controllers fill it in: `app.actions`.
 * @typedef {object} Actions
 * @property {(id?: string) => Promise<void>} startCamera camera of the browser; live: changes to it
 * @property {(source: LiveSource, name: string) => Promise<void>} startSource camera or stream of the server
 * @property {(file: File, results?: File) => Promise<void>} openFile upload, and track or show results made before
 * @property {(file: MediaFile, job?: string|null) => Promise<void>} openMedia what the server holds already
 * @property {() => Promise<void>} openDemo the clip that comes with the engine
 * @property {() => void} browse choose a file of an allowed folder
 * @property {() => Promise<void>} stopJob stop tracking the file; the results so far stay
 * @property {() => Promise<void>} close stop the camera, leave the file
 * @property {() => void} togglePlay
 * @property {(n: number) => void} step frames
 * @property {(time_us: number) => Promise<void>} seek
 * @property {(speed: number) => void} setSpeed
 * @property {() => void} loopStart
 * @property {() => void} loopEnd
 * @property {(on?: boolean) => Promise<void>} record
 * @property {() => Promise<void>} snapshot picture and overlay as PNG
 * @property {(suffix: string) => void} exportAs
 * @property {(changed: TrackerOptions) => Promise<void>} setOptions live: at once; recorded: tracks again
 * @property {() => void} reset live: forget everybody
 * @property {(preset: "front"|"side"|"top"|"reset") => void} view3d turn the 3D view
 */

export {};
