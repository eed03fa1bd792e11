/** Recorded: opens videos, images and results, and tracks them. */

import { delay, download, persistent, request, tellError, upload } from "./api.js";
import { History } from "./history.js";
import { followJob, isActive } from "./job_progress.js";
import { Player } from "./player.js";
import { ServerFrames } from "./server_frames.js";
import { VideoFrames } from "./video_frames.js";

