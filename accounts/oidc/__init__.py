"""Sign-in by an OpenID provider, such as a pool of AWS Cognito: all of it, where OIDC_ISSUER is set.

    views       to the provider and back, and connecting an account that was here before
    backend     mozilla-django-oidc's, with every check that it leaves out
    claims      what an ID token has to say
    provider    where the provider is asked, and the keys that it signs with
    refusals    why somebody may not be signed in, and in which words they are told
    sign_out    where the session at the provider ends
    fresh       asking for a sign-in of this minute, before what is dangerous

Whose sign-in it is, and in which role, is decided in operations.identities and operations.roles.
"""
