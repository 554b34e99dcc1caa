-- The fence: put before load.lua, due.lua and write.lua; it changes nothing.
--
-- KEYS[1]  the partition's hash. Its fields:
--            token         the owner's random token
--            owner         the owner's worker id, for the message
--            namespace     the live namespace; the caller's keys are of the one that it knows
--            batch, nonce  the position: the last batch written, and the attempt that wrote it;
--                          absent until the first write
-- ARGV[1]  the caller's token
-- ARGV[2]  the namespace that the caller knows
-- ARGV[3]  the batch that the caller last knew written, '' for none
-- ARGV[4]  its nonce, '' for none
--
-- A refusal is a reply of one word and what was found instead.

local partition = redis.call('HMGET', KEYS[1], 'token', 'owner', 'namespace', 'batch', 'nonce')

-- nil, or why the caller is not the owner of the live namespace.
local function not_owner()
  if not partition[1] then return {'lost', ''} end
  if partition[1] ~= ARGV[1] then return {'fenced', partition[2] or ''} end
  if partition[3] ~= ARGV[2] then return {'namespace', partition[3] or ''} end
end

-- nil, or why the partition is not where the caller left it.
local function not_there()
  if (partition[4] or '') ~= ARGV[3] then return {'batch', partition[4] or ''} end
  if (partition[5] or '') ~= ARGV[4] then return {'nonce', partition[5] or ''} end
end

