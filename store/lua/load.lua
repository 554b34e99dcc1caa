-- Load: the states of customers, and which timer sets hold something due. After fence.lua.
--
-- KEYS[1]     the partition's hash (see fence.lua), and its field
--               accepted_bad   '1' once an operator let a held partition go on
-- KEYS[2]     the timer index: names of timer sets by the earliest due time in each
-- KEYS[3...]  buckets: hashes of customer id -> state
-- ARGV[1..4]  see fence.lua
-- ARGV[5]     the due time up to which timer sets are asked for, '' for none
-- ARGV[6]     at most how many timer sets to name
-- ARGV[7]     MessagePack: for each bucket, in the order of KEYS, the list of ids
--
-- Reply: 'ok' · accepted_bad ('1' or '') · the names of timer sets, earliest first, separated by
-- blanks · the states of all ids in the order given, strung together, two nils of MessagePack
-- for an absent one. (One long string instead of thousands of short ones: reading replies piece
-- by piece costs the client more than everything else here.)

local ASK = 4000 -- unpack() takes fewer than 8,000 values
local ABSENT = '\192\192'

local refused = not_owner() or not_there()
if refused then return refused end

local timer_sets = ''
if ARGV[5] ~= '' then
  timer_sets = table.concat(
    redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[5], 'LIMIT', 0, ARGV[6]), ' ')
end

local states, count = {}, 0
for bucket, ids in ipairs(cmsgpack.unpack(ARGV[7])) do
  for first = 1, #ids, ASK do
    local last = math.min(first + ASK - 1, #ids)
    local found = redis.call('HMGET', KEYS[2 + bucket], unpack(ids, first, last))
    for i = 1, last - first + 1 do
      count = count + 1
      states[count] = found[i] or ABSENT
    end
  end
end

return {'ok', redis.call('HGET', KEYS[1], 'accepted_bad') or '', timer_sets, table.concat(states)}
