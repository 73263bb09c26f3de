module github.com/jwtverify/jwtverify/ffi-c/go

go 1.25
