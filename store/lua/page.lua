-- Page: everybody in one bucket. After fence.lua.
--
-- KEYS[1]     the partition's hash (see fence.lua)
-- KEYS[2]     the bucket: a hash of customer id -> state
-- ARGV[1..4]  see fence.lua
--
-- Reply: 'ok' · MessagePack: the ids · their states in that order, strung together

local refused = not_owner() or not_there()
if refused then return refused end

local found = redis.call('HGETALL', KEYS[2])
local ids, states = {}, {}
for i = 1, #found, 2 do
  ids[#ids + 1] = found[i]
  states[#states + 1] = found[i + 1]
end

return {'ok', cmsgpack.pack(ids), table.concat(states)}
