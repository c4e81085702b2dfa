-- Webhooks without end, each signed and each new: args are the file of templates, the secret, the
-- nine digits with which all numbers of this run begin, and how many a second (0: as fast as they
-- are answered). A template is a request's head and body, each behind its length in eight digits;
-- "@" eighteen times stands for the number of what it is about, "#" so often for the signature.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long s; long us; } c360_time;
  int gettimeofday(c360_time *now, void *zone);
  const void *EVP_sha256(void);
  unsigned char *HMAC(const void *digest, const void *key, int key_size, const unsigned char *data,
                      size_t size, unsigned char *out, unsigned int *out_size);
  int EVP_EncodeBlock(unsigned char *out, const unsigned char *data, int size);
]]
local NUMBER, SIGNATURE = string.rep("@", 18), string.rep("#", 18)
local CATCH_UP_S = 1 -- a load that could not be offered for longer than this is not made up for
local clock = ffi.new("c360_time")
local digest, encoded = ffi.new("unsigned char[32]"), ffi.new("unsigned char[48]")
local threads = {}

local function now()
  ffi.C.gettimeofday(clock, nil)
  return tonumber(clock.s) + tonumber(clock.us) / 1e6
end

local function parts(text, mark)
  local found, from = {}, 1
  while true do
    local first, last = text:find(mark, from, true)
    table.insert(found, text:sub(from, (first or 0) - 1))
    if not first then
      return found
    end
    from = last + 1
  end
end

local function signature(body)
  ffi.C.HMAC(ffi.C.EVP_sha256(), secret, #secret, body, #body, digest, nil)
  return ffi.string(encoded, ffi.C.EVP_EncodeBlock(encoded, digest, 32))
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  secret, run, per_s = args[2], args[3], tonumber(args[4])
  sent, statuses, templates = 0, {}, {}
  for length in function() return file:read(8) end do
    local head, rest = unpack(parts(file:read(tonumber(length)), SIGNATURE))
    local body = file:read(tonumber(file:read(8)))
    table.insert(templates, {
      head = parts(head, NUMBER), rest = parts(rest, NUMBER), body = parts(body, NUMBER)
    })
  end
end

function delay()
  if per_s == 0 then
    return 0
  end
  local at = now()
  slot = math.max(slot or at, at - CATCH_UP_S) + 1 / per_s
  return math.max(0, (slot - at) * 1e3)
end

function request()
  local template = templates[sent % #templates + 1]
  local number = string.format("%s%09d", run, sent)
  sent = sent + 1
  local body = table.concat(template.body, number)
  local head, rest = table.concat(template.head, number), table.concat(template.rest, number)
  return head .. signature(body) .. rest .. body
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency)
  local thread, errors, seen = threads[1], summary.errors, {}
  for status, count in pairs(thread:get("statuses")) do
    table.insert(seen, string.format('"%d": %d', status, count))
  end
  io.write(string.format(
    '\n{"seconds": %.6f, "sent": %d, "broken": %d, "p50_ms": %.1f, "p99_ms": %.1f, '
      .. '"statuses": {%s}}\n',
    summary.duration / 1e6, thread:get("sent"),
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, table.concat(seen, ", ")
  ))
end
