-- Sends a number of the file's requests and ends when the last is answered: args are the file,
-- where to begin, and how many.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long s; long us; } c360_time;
  int gettimeofday(c360_time *now, void *zone);
]]
local clock = ffi.new("c360_time")

local function now()
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.s) + tonumber(clock.us) / 1e6
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  position = tonumber(args[2])
  wanted = tonumber(args[3])
  sent, answered, not_200 = 0, 0, 0
  file:seek("set", position)
end

-- whoever finds nothing left to send waits for the others
function delay()
  started = started or now()
  if sent >= wanted then
    return 1e6
  end
  sent = sent + 1
  return 0
end

function request()
  local size = tonumber(file:read(8))
  position = position + 8 + size
  return file:read(size)
end

function response(status)
  answered = answered + 1
  if status ~= 200 then
    not_200 = not_200 + 1
  end
  if answered == wanted then
    io.write(string.format(
      '\n{"requests": %d, "seconds": %.6f, "not_200": %d, "taken": %d, "position": %d}\n',
      answered, now() - started, not_200, wanted + 1, position
    ))
    io.flush()
    os.exit(0)
  end
end
