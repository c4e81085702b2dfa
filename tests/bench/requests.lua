-- Sends the requests of a file, each once: args are the file, where to begin, and whether to begin
-- again at its end (only for servers that forget what they got). Says at the end how far it came.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  position = tonumber(args[2])
  wraps = args[3] == "wrap"
  taken, exhausted = 0, 0
  file:seek("set", position)
end

function request()
  local length = file:read(8)
  if not length and wraps then
    file:seek("set", 0)
    position = 0
    length = file:read(8)
  end
  if not length then
    exhausted = exhausted + 1
    return "GET /exhausted HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
  end
  local size = tonumber(length)
  position = position + 8 + size
  taken = taken + 1
  return file:read(size)
end

function done(summary, latency)
  local thread, errors = threads[1], summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "not_200": %d, "broken": %d, "p50_ms": %.3f, '
      .. '"p99_ms": %.3f, "max_ms": %.3f, "taken": %d, "position": %d, "exhausted": %d}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3,
    thread:get("taken"), thread:get("position"), thread:get("exhausted")
  ))
end
