-- Write: everything of one batch, or nothing. After fence.lua.
--
-- Lua does not roll back. So everything that can be wrong is looked at first, and what comes
-- after the line "from here on" cannot fail: each key has the right type, each number is one,
-- and Redis refuses a script that lacks memory or permission at its first write, not later.
--
-- KEYS[1]      the partition's hash (see take.lua)
-- KEYS[2]      the timer index: names of timer sets by the earliest due time in each
-- KEYS[3...]   first the buckets (hashes of customer id -> state), then the timer sets (sorted
--              sets of customer id by due time), each as many as ARGV[9] speaks of
-- ARGV[1..4]   see fence.lua
-- ARGV[5]      the batch that is written
-- ARGV[6]      its nonce
-- ARGV[7]      the partition's record
-- ARGV[8]      '1' if the operator's acceptance of bad records was used up by this batch
-- ARGV[9]      MessagePack: [buckets, timer sets], each in the order of KEYS
--                a bucket:    [ids, the lengths of their states, ids erased]
--                a timer set: [its name in the index, ids removed, the due times they have there,
--                              ids put, the due times they get], due times as decimal text
-- ARGV[10]     the states of all ids of all buckets in that order, strung together
--
-- Reply: 'written' · 'already_written' (this very batch and nonce are there: the client sent the
-- call twice) · a refusal of fence.lua · 'type' and a key of a wrong type · 'timer' and the id of
-- a timer that is not where the caller says it was.

local GIVE = 2000 -- unpack() takes fewer than 8,000 values

local refused = not_owner()
if refused then return refused end
if partition[4] == ARGV[5] and partition[5] == ARGV[6] then return {'already_written', ''} end
refused = not_there()
if refused then return refused end

local changes = cmsgpack.unpack(ARGV[9])
local buckets, timer_sets = changes[1], changes[2]

local function has_type(key, expected)
  local found = redis.call('TYPE', key).ok
  return found == expected or found == 'none'
end

if #KEYS ~= 2 + #buckets + #timer_sets then return {'arguments', 'keys'} end
if not has_type(KEYS[2], 'zset') then return {'type', KEYS[2]} end

local expected_bytes = 0
for i, bucket in ipairs(buckets) do
  if not has_type(KEYS[2 + i], 'hash') then return {'type', KEYS[2 + i]} end
  if #bucket[1] ~= #bucket[2] then return {'arguments', KEYS[2 + i]} end
  for _, length in ipairs(bucket[2]) do expected_bytes = expected_bytes + length end
end
if expected_bytes ~= #ARGV[10] then return {'arguments', 'states'} end

for i, set in ipairs(timer_sets) do
  local key = KEYS[2 + #buckets + i]
  if not has_type(key, 'zset') then return {'type', key} end
  for j, id in ipairs(set[2]) do
    local score = redis.call('ZSCORE', key, id)
    if not score or tonumber(score) ~= tonumber(set[3][j]) then return {'timer', id} end
  end
  if #set[4] ~= #set[5] then return {'arguments', key} end
  for _, due in ipairs(set[5]) do
    if not tonumber(due) then return {'arguments', key} end
  end
end

-- From here on everything is written.

local position = 1
for i, bucket in ipairs(buckets) do
  local key, ids, lengths, erased = KEYS[2 + i], bucket[1], bucket[2], bucket[3]
  for first = 1, #ids, GIVE do
    local pairs_, count = {}, 0
    for j = first, math.min(first + GIVE - 1, #ids) do
      pairs_[count + 1] = ids[j]
      pairs_[count + 2] = string.sub(ARGV[10], position, position + lengths[j] - 1)
      position = position + lengths[j]
      count = count + 2
    end
    redis.call('HSET', key, unpack(pairs_, 1, count))
  end
  for first = 1, #erased, GIVE do
    redis.call('HDEL', key, unpack(erased, first, math.min(first + GIVE - 1, #erased)))
  end
end

for i, set in ipairs(timer_sets) do
  local key, removed, put, dues = KEYS[2 + #buckets + i], set[2], set[4], set[5]
  for first = 1, #removed, GIVE do
    redis.call('ZREM', key, unpack(removed, first, math.min(first + GIVE - 1, #removed)))
  end
  for first = 1, #put, GIVE do
    local pairs_, count = {}, 0
    for j = first, math.min(first + GIVE - 1, #put) do
      pairs_[count + 1] = dues[j]
      pairs_[count + 2] = put[j]
      count = count + 2
    end
    redis.call('ZADD', key, unpack(pairs_, 1, count))
  end
  local earliest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  if earliest[1] then
    redis.call('ZADD', KEYS[2], earliest[2], set[1])
  else
    redis.call('ZREM', KEYS[2], set[1])
  end
end

redis.call('HSET', KEYS[1], 'batch', ARGV[5], 'nonce', ARGV[6], 'record', ARGV[7])
if ARGV[8] == '1' then redis.call('HDEL', KEYS[1], 'accepted_bad') end

return {'written', ''}
