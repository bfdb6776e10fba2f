package org.riglab.web.internal;

import org.riglab.api.access.Principal;

/**
 * An authenticated caller.
 *
 * @param token id of the token that was shown, now or when the session began
 * @param principal the token's holder
 * @param session what the caller's cookie names; null for a token in the request itself
 */
record Caller(String token, Principal principal, Sessions.Session session) {}
