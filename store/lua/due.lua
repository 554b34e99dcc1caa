-- Due: the earliest timers of some timer sets. After fence.lua.
--
-- KEYS[1]     the partition's hash (see fence.lua)
-- KEYS[2...]  timer sets: sorted sets of customer id by due time (ms since 1970), in the order
--             of their spans. All sets that hold something due, or so many that those of the
--             spans before the last hold ARGV[6] timers: the last span may be incomplete
-- ARGV[1..4]  see fence.lua
-- ARGV[5]     the due time up to which timers are asked for, inclusive
-- ARGV[6]     how many timers are wanted
-- ARGV[7]     MessagePack: the span of each timer set, in the order of KEYS
--
-- Reply: 'ok' · MessagePack: id, due time, id, due time, ... Every timer that is among the first
-- ARGV[6] in the order (due time, id) is there; others may be, and the order is not that one.
-- That suffices: no timer of a later span comes before one of an earlier span, and within one
-- set Redis orders by due time and, where it is the same, by the bytes of the id.

local refused = not_owner() or not_there()
if refused then return refused end

local wanted = tonumber(ARGV[6])
local spans = cmsgpack.unpack(ARGV[7])
local timers, count = {}, 0
for i, span in ipairs(spans) do
  if count >= 2 * wanted and span ~= spans[i - 1] then break end
  local found = redis.call(
    'ZRANGEBYSCORE', KEYS[1 + i], '-inf', ARGV[5], 'WITHSCORES', 'LIMIT', 0, ARGV[6])
  for j = 1, #found, 2 do
    timers[count + 1] = found[j]
    timers[count + 2] = tonumber(found[j + 1])
    count = count + 2
  end
end

return {'ok', cmsgpack.pack(timers)}
