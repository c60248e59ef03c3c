-- Codes that scripts return, the same as in `codes.rs`.
local DONE, EXPIRED, ENDED, GONE, KEY_TAKEN, NOT_A_SESSION, CHANGED = 1, 2, 3, 0, -1, -2, -3
local REACH_TOO_SHORT, LIMIT_REACHED, MORE_TO_EVICT, DEADLINE_PASSED = -4, -5, -6, -7

